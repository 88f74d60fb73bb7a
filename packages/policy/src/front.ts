import type { Asker, Inference } from './ticket.ts'

/** What the gateway offers to those that speak with clients. */
export interface FrontHost {
  /** What clients are told of the policy when they connect. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly maxPayloadBytes: number
  readonly serving: boolean
  /**
   * @param observation as decoded: checked here
   * @throws what the handler threw; MALFORMED_MESSAGE, QUEUE_FULL, SUPERSEDED, TIMEOUT, CLOSED
   */
  infer(observation: unknown, asker: Asker): Promise<Inference>
  /** Gives up what an asker that is gone has not been answered yet. */
  left(asker: Asker): void
  /** A new episode begins. */
  reset(options: unknown, asker: Asker): Promise<void>
  /** Counts a message that could not be read. */
  malformed(): void
  /** Counts an answer that could not be delivered. */
  undelivered(): void
  /** A client asked the gateway to end. */
  killed(): void
}

/** Serves the clients of one dialect. */
export interface Front {
  /** Where it listens, as urls for `PolicyClient.connect`. */
  readonly urls: readonly string[]
  /** Ends after the answers under way were sent. The gateway has settled every observation by then. */
  close(): Promise<void>
}
