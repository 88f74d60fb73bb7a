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

/** At least this share of what the peer does. */
export function atLeast(share: number): Target {
  return { text: `≥ ${share}×`, isMet: (result) => result.ratio >= share }
}

/** Microseconds that our side stays under, whatever the peer does. */
export function under(us: number): Target {
  return { text: `< ${us.toLocaleString('en')} µs`, isMet: (result) => result.ours < us }
}

/** At least so much on our side, whatever the peer does. */
export function atLeastOurs(value: number): Target {
  return { text: `≥ ${value.toLocaleString('en')}`, isMet: (result) => result.ours >= value }
}

/** Percent of a CPU that our side stays under. */
export function underCpu(percent: number): Target {
  return { text: `< ${percent} % CPU`, isMet: (result) => result.ours < percent }
}

/** Every record reaches our side. */
export function all(records: number): Target {
  return { text: `${records.toLocaleString('en')}, all`, isMet: (result) => result.ours === records }
}

export function both(one: Target, other: Target): Target {
  return { text: `${one.text}, ${other.text}`, isMet: (result) => one.isMet(result) && other.isMet(result) }
}
