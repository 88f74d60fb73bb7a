const count = new Intl.NumberFormat('en-US')

/** 1234567 as `1,234,567`. */
export function formatCount(value: number): string {
  return count.format(value)
}

/** 1234567 as `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1)
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`
}

/** An age or a duration: `0.012 s`, `3.4 s`, `125 s`. */
export function formatSeconds(seconds: number): string {
  const digits = Math.abs(seconds) < 1 ? 3 : Math.abs(seconds) < 100 ? 1 : 0
  return `${seconds.toFixed(digits)} s`
}

/** `29.9 Hz` */
export function formatRate(hz: number): string {
  return `${hz.toFixed(1)} Hz`
}
