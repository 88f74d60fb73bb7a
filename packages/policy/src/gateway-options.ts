import { RmqError } from 'robotmq'
import type { GrootFrontOptions } from './fronts/groot-front.ts'
import type { OpenpiFrontOptions } from './fronts/openpi-front.ts'
import type { RobotmqFrontOptions } from './fronts/robotmq-front.ts'
import type { FrontName, Observation } from './policy-handler.ts'

/** A new episode begins for a client. */
export interface PolicyReset {
  readonly front: FrontName
  readonly client: string
  /** What a GR00T client sent along. */
  readonly options?: unknown
}

export interface GatewayOptions {
  /** Serve requests of robotmq. @default not served */
  readonly robotmq?: RobotmqFrontOptions
  /** Serve openpi's WebSocket clients. @default not served */
  readonly openpi?: OpenpiFrontOptions
  /** Serve GR00T's ZeroMQ clients. @default not served */
  readonly groot?: GrootFrontOptions
  /** What clients are told of the policy. @default {} */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** An observation to run the policy with before anything listens: once alone, and once as a full batch. @default none */
  readonly warmUp?: Observation
  /** Hears of clients that begin a new episode. */
  readonly onReset?: (reset: PolicyReset) => Promise<void> | void
  /** A newer observation replaces one of the same client that still waits, which is answered with SUPERSEDED. @default false */
  readonly latestWins?: boolean
  /** Seconds from the arrival of an observation to its answer; what takes longer is answered with TIMEOUT. @default 60 */
  readonly deadlineS?: number
  /** Observations that may wait; more are answered with QUEUE_FULL. @default 64 */
  readonly maxWaiting?: number
  /** Calls of the handler at a time. @default 1 */
  readonly maxRunning?: number
  /** Bytes of a message; larger ones are refused. @default 256 MiB */
  readonly maxPayloadBytes?: number
}

type Limits = Required<
  Pick<GatewayOptions, 'latestWins' | 'deadlineS' | 'maxWaiting' | 'maxRunning' | 'maxPayloadBytes'>
>

/** @throws INVALID_ARGUMENT */
export function parseLimits(options: GatewayOptions): Limits {
  const { latestWins = false, deadlineS = 60, maxWaiting = 64, maxRunning = 1 } = options
  const { maxPayloadBytes = 256 * 2 ** 20 } = options
  if (!(typeof deadlineS === 'number' && deadlineS > 0)) throw invalid('deadlineS', 'a number of seconds', deadlineS)
  for (const [name, value] of Object.entries({ maxWaiting, maxRunning, maxPayloadBytes })) {
    if (!Number.isSafeInteger(value) || value < 1) throw invalid(name, 'a whole number', value)
  }
  if (options.robotmq === undefined && options.openpi === undefined && options.groot === undefined) {
    throw new RmqError('INVALID_ARGUMENT', 'A gateway needs somebody to serve: give it robotmq, openpi or groot.')
  }
  return { latestWins, deadlineS, maxWaiting, maxRunning, maxPayloadBytes }
}

function invalid(name: string, what: string, got: unknown): RmqError {
  return new RmqError('INVALID_ARGUMENT', `${name} must be ${what} greater than 0, got ${String(got)}.`)
}
