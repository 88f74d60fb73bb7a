/** What a bench tells of one side's samples. */
export interface Summary {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly worst: number
}

/** @throws RangeError without values: a bench that measured nothing must not look like a fast one */
export function quantile(values: readonly number[], fraction: number): number {
  if (values.length === 0) throw new RangeError('There are no samples to summarise.')
  const sorted = Float64Array.from(values).sort()
  const position = (sorted.length - 1) * fraction
  const low = sorted[Math.floor(position)]!
  const high = sorted[Math.ceil(position)]!
  return low + (high - low) * (position - Math.floor(position))
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function summarise(values: readonly number[], better: 'less' | 'more'): Summary {
  return { count: values.length, p50: quantile(values, 0.5), p99: quantile(values, 0.99), worst: worst(values, better) }
}

function worst(values: readonly number[], better: 'less' | 'more'): number {
  return quantile(values, better === 'less' ? 1 : 0)
}

/**
 * The median of each figure over rounds: one round that something else on the machine disturbed does not count, which
 * pooled samples would let through in the p99. The worst is that of all rounds.
 */
export function overRounds(rounds: readonly Summary[], better: 'less' | 'more'): Summary {
  return {
    count: rounds.reduce((sum, { count }) => sum + count, 0),
    p50: median(rounds.map(({ p50 }) => p50)),
    p99: median(rounds.map(({ p99 }) => p99)),
    worst: worst(
      rounds.map((round) => round.worst),
      better,
    ),
  }
}
