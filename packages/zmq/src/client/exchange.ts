import type { LinkCallOptions as CallOptions, Command, ReplyTo } from '@rmq/core'

/** How the server came to owe a send nothing: it was answered or never sent, the connection was lost, or closed from here. */
export type Quittance = 'settled' | 'lost' | 'closed'

export interface ExchangeOptions extends CallOptions {
  /** Called once when the server owes this send no answer any more, maybe long after somebody waited for it. */
  readonly onQuit?: (how: Quittance) => void
}

/** Sends a command as it is, once, and takes its answer as it is. */
export type Exchange = <C extends Command>(command: C, options: ExchangeOptions) => Promise<ReplyTo<C>>
