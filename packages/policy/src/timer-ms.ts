/** The longest delay that timers take; beyond it they would fire at once. */
const LONGEST_MS = 2 ** 31 - 1

/** Seconds as a timer's milliseconds; what is longer than 24 days becomes 24 days. */
export function timerMs(seconds: number): number {
  return Math.min(seconds * 1000, LONGEST_MS)
}
