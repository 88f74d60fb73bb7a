import type { Interrupted } from './interrupted.ts'
import type { Output } from './output.ts'

/** What a command gets of the world around it. */
export interface Context {
  readonly output: Output
  readonly stdin: NodeJS.ReadStream
  /** Aborted by Ctrl-C and its like with {@link Interrupted}, and when nobody reads the output any more. */
  readonly signal: AbortSignal
  /** Tells the person at the keyboard, on stderr. */
  notice(text: string): void
}
