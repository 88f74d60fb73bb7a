/** The ring's outcomes that need more than words here; the addon's `statusNames` has them all. */
export const Status = {
  OK: 0,
  EMPTY: 1,
  GONE: 2,
  EXPIRED: 3,
  NO_BUFFER: 4,
  LEASE_LIMIT: 5,
  TOO_LARGE: 6,
  WRITER_STALLED: 8,
  FULL: 9,
  NOT_FOUND: 12,
  EXISTS: 13,
  IN_USE: 14,
  STALE_BOOT: 20,
  TIMED_OUT: 24,
  CLOSED: 25,
} as const
