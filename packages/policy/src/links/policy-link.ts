import type { Actions, Observation } from '../policy-handler.ts'

/** A way to a policy server of one dialect. Calls reject with their signal's reason as soon as it is aborted. */
export interface PolicyLink {
  /** What the server told of its policy. */
  readonly metadata: Readonly<Record<string, unknown>>
  infer(observation: Observation, signal: AbortSignal): Promise<Actions>
  reset(signal: AbortSignal): Promise<void>
  /** Called once no call is in flight. */
  close(): Promise<void>
}

export interface LinkOptions {
  readonly topic: string
  readonly apiKey: string | undefined
  readonly maxPayloadBytes: number
  /** Ends the attempt to connect. */
  readonly signal: AbortSignal
}
