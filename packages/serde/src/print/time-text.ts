/** Ticks of each unit in a day, for units that a day is made of. */
const TICKS_A_DAY: { readonly [unit: string]: bigint } = {
  h: 24n,
  m: 1_440n,
  s: 86_400n,
  ms: 86_400n * 10n ** 3n,
  us: 86_400n * 10n ** 6n,
  ns: 86_400n * 10n ** 9n,
  ps: 86_400n * 10n ** 12n,
  fs: 86_400n * 10n ** 15n,
  as: 86_400n * 10n ** 18n,
}

/** Days since 1970-01-01, or ticks of a smaller unit, months or years since then, as numpy writes them: `2024-02-29T12`. */
export function dateText(count: bigint, unitWithStep: string): string {
  const { ticks, unit } = inWholeUnits(count, unitWithStep)
  if (unit === 'Y') return yearText(1970n + ticks)
  if (unit === 'M') {
    const year = 1970n + floorDiv(ticks, 12n)
    return `${yearText(year)}-${two(ticks - floorDiv(ticks, 12n) * 12n + 1n)}`
  }
  if (unit === 'W' || unit === 'D') return dayText(unit === 'W' ? ticks * 7n : ticks)
  const aDay = TICKS_A_DAY[unit]
  if (aDay === undefined) return String(count)
  const day = floorDiv(ticks, aDay)
  return `${dayText(day)}T${clockText(ticks - day * aDay, aDay, unit)}`
}

const UNIT_NAMES: { readonly [unit: string]: string } = {
  Y: 'years',
  M: 'months',
  W: 'weeks',
  D: 'days',
  h: 'hours',
  m: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  ps: 'picoseconds',
  fs: 'femtoseconds',
  as: 'attoseconds',
}

/** A time span as numpy writes one that stands alone: `125 seconds`. */
export function durationText(count: bigint, unitWithStep: string): string {
  const { ticks, unit } = inWholeUnits(count, unitWithStep)
  return `${ticks} ${UNIT_NAMES[unit] ?? 'generic time units'}`
}

/** A unit may come with a step: a tick of `25s` is 25 seconds. */
function inWholeUnits(count: bigint, unitWithStep: string): { ticks: bigint; unit: string } {
  const step = /^\d*/.exec(unitWithStep)![0]
  return { ticks: count * BigInt(step === '' ? 1 : step), unit: unitWithStep.slice(step.length) }
}

function clockText(ticks: bigint, aDay: bigint, unit: string): string {
  const hour = (ticks * 24n) / aDay
  if (unit === 'h') return two(hour)
  const minute = (ticks * 1_440n) / aDay
  const clock = `${two(hour)}:${two(minute % 60n)}`
  if (unit === 'm') return clock
  const second = (ticks * 86_400n) / aDay
  const aSecond = aDay / 86_400n
  const fraction = aSecond === 1n ? '' : `.${String(ticks % aSecond).padStart(String(aSecond).length - 1, '0')}`
  return `${clock}:${two(second % 60n)}${fraction}`
}

/** The civil date of a day, in the Gregorian calendar for all times; the year begins with March meanwhile. */
function dayText(day: bigint): string {
  const sinceEra = day + 719_468n
  const era = floorDiv(sinceEra, 146_097n)
  const dayOfEra = sinceEra - era * 146_097n
  const yearOfEra = (dayOfEra - dayOfEra / 1_460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n)
  const fromMarch = (5n * dayOfYear + 2n) / 153n
  const month = fromMarch < 10n ? fromMarch + 3n : fromMarch - 9n
  const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n)
  return `${yearText(year)}-${two(month)}-${two(dayOfYear - (153n * fromMarch + 2n) / 5n + 1n)}`
}

function yearText(year: bigint): string {
  const size = String(year < 0n ? -year : year)
  return year < 0n ? `-${size.padStart(3, '0')}` : size.padStart(4, '0')
}

function two(value: bigint): string {
  return String(value).padStart(2, '0')
}

function floorDiv(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient
}
