import type { Handlers } from './command-lines.ts'

/** One side's part in a bench, in a process of its own. */
export interface Role {
  readonly handlers: Handlers
  close(): Promise<void>
}
