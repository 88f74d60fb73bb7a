import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where package.json is, from `dist/native` as from `src/native`. */
const PACKAGE = path.resolve(fileURLToPath(new URL('../..', import.meta.url)))

/** A file that was found, which need not be one that this system can load. */
export interface FoundAddon {
  readonly path: string
  /** Whether it came with the package, or was compiled on this machine, which comes first. */
  readonly kind: 'prebuild' | 'build'
}

/** The addon's file, or what was looked for and not found. */
export function findAddon(): FoundAddon | string {
  const here = `${process.platform}-${process.arch}`
  const looked = `none is compiled in ${path.join(PACKAGE, 'build/Release')}`
  const { resolve } = createRequire(import.meta.url)('node-gyp-build') as { resolve(folder: string): string }
  let file: string
  try {
    file = resolve(PACKAGE)
  } catch {
    return libc() === 'musl'
      ? `the prebuilt ones are for glibc, not for musl, and ${looked}`
      : `none for ${here} lies in ${path.join(PACKAGE, 'prebuilds')}, and ${looked}`
  }
  const kind = path.basename(path.dirname(path.dirname(file))) === 'prebuilds' ? 'prebuild' : 'build'
  // node-gyp-build knows one system with musl; on the others a binary for glibc may load, and crash later.
  if (kind === 'prebuild' && libc() === 'musl') return `the prebuilt ones are for glibc, not for musl, and ${looked}`
  return { path: file, kind }
}

/** The C library that this process runs on. `LIBC` overrides it, as it does for node-gyp-build. */
function libc(): string {
  const named = process.env['LIBC']
  if (named) return named
  return readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-') ? 'musl' : 'glibc'
}
