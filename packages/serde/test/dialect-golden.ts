import { readFileSync } from 'node:fs'
import { type CodecName, codecs } from '../src/index.ts'

/** What a real writer made of a value, from `testdata/golden-dialects.json`. */
export interface DialectGolden {
  readonly codec: CodecName | 'npy' | 'savez' | 'savez_compressed'
  readonly name: string
  readonly expression: string
  readonly length?: number
  readonly hex?: string
  readonly sha256?: string
  readonly value?: unknown
  readonly refusedByPython?: string
}

export const DIALECT_GOLDEN: readonly DialectGolden[] = JSON.parse(
  readFileSync(new URL('../testdata/golden-dialects.json', import.meta.url), 'utf8'),
).entries

export function isMessage(entry: DialectGolden): entry is DialectGolden & { readonly codec: CodecName } {
  return entry.codec in codecs
}
