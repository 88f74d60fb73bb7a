import type { Result } from './result.ts'

/** What a bench must show. */
export interface Target {
  readonly text: string
  isMet(result: Pick<Result, 'ours' | 'peer' | 'ratio'>): boolean
}

/** At least so many times better than the peer. */
export function times(ratio: number): Target {
  const text = ratio >= 1 ? `≥ ${ratio}×` : `≥ 1/${Math.round((1 / ratio) * 100) / 100}×`
  return { text, isMet: (result) => result.ratio >= ratio }
}

/** Microseconds that our side stays under, whatever the peer does. */
export function under(us: number): Target {
  return { text: `< ${us.toLocaleString('en')} µs`, isMet: (result) => result.ours < us }
}
