/** What a bench counts in, made from its samples. */
export interface Figure {
  readonly unit: string
  readonly better: 'less' | 'more'
  /** What the samples are. */
  readonly samples: 'ns' | 'share of a CPU' | 'records'
  of(sample: number): number
}

export const MICROSECONDS: Figure = { unit: 'us', better: 'less', samples: 'ns', of: (ns) => ns / 1000 }

export const PER_SECOND: Figure = { unit: '1/s', better: 'more', samples: 'ns', of: (ns) => 1e9 / ns }

export const PERCENT_OF_CPU: Figure = {
  unit: '% CPU',
  better: 'less',
  samples: 'share of a CPU',
  of: (share) => share * 100,
}

export const RECORDS: Figure = { unit: 'records', better: 'more', samples: 'records', of: (count) => count }

/** @param bytes that a call moves */
export function gigabytesPerSecond(bytes: number): Figure {
  return { unit: 'GB/s', better: 'more', samples: 'ns', of: (ns) => bytes / ns }
}

/** Above 1 where ours is better. */
export function ratioOf(figure: Figure, ours: number, peer: number): number {
  return figure.better === 'less' ? peer / ours : ours / peer
}
