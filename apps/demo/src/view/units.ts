export const NONE = '–'

/** Three digits that matter. */
export function ms(value: number | undefined): string {
  if (value === undefined) return NONE
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)
}

export function msPair(low: number | undefined, high: number | undefined): string {
  return low === undefined ? NONE : `${ms(low)} / ${ms(high)} ms`
}

export function hertz(value: number): string {
  return `${value.toFixed(1)} Hz`
}

export function seconds(value: number): string {
  return `${value.toFixed(2)} s`
}
