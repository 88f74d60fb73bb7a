/** Nanoseconds of the monotonic clock that all processes of the machine read. */
export function monotonicNs(): number {
  return Number(process.hrtime.bigint())
}
