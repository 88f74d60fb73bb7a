/** What a bench counts in, made from the nanoseconds of a call. */
export interface Figure {
  readonly unit: string
  readonly better: 'less' | 'more'
  of(nanoseconds: number): number
}

export const MICROSECONDS: Figure = { unit: 'us', better: 'less', of: (ns) => ns / 1000 }

export const PER_SECOND: Figure = { unit: '1/s', better: 'more', of: (ns) => 1e9 / ns }

/** Above 1 where ours is better. */
export function ratioOf(figure: Figure, ours: number, peer: number): number {
  return figure.better === 'less' ? peer / ours : ours / peer
}
