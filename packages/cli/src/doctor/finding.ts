/** `ok`: as it should be. `warn`: it works, and may bite. `problem`: it does not work. */
export type Level = 'ok' | 'warn' | 'problem'

/** One thing that was looked at. */
export interface Finding {
  readonly level: Level
  /** What was looked at, such as `shm-size`: for programs. */
  readonly check: string
  readonly message: string
  /** What to do about it, in one sentence, with what to type. */
  readonly remedy?: string
}

export function ok(check: string, message: string): Finding {
  return { level: 'ok', check, message }
}

export function warn(check: string, message: string, remedy: string): Finding {
  return { level: 'warn', check, message, remedy }
}

export function problem(check: string, message: string, remedy: string): Finding {
  return { level: 'problem', check, message, remedy }
}
