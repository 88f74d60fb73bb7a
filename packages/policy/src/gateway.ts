import { RmqError } from 'robotmq'
import type { Front, FrontHost } from './front.ts'
import { openGrootFront } from './fronts/groot-front.ts'
import { openOpenpiFront } from './fronts/openpi-front.ts'
import { openRobotmqFront } from './fronts/robotmq-front.ts'
import { type GatewayOptions, parseLimits } from './gateway-options.ts'
import { type InferenceCounts, InferenceQueue } from './inference-queue.ts'
import { isRecord } from './is-record.ts'
import { asBatched, type BatchedPolicy, type PolicyHandler } from './policy-handler.ts'
import { warmUp } from './warm-up.ts'

/** How a gateway is doing. */
export interface GatewayHealth extends Readonly<InferenceCounts> {
  readonly state: 'serving' | 'closing' | 'closed'
  /** Observations that wait for the handler now. */
  readonly waiting: number
  /** Calls of the handler that have not ended. */
  readonly running: number
  /** Messages that could not be read. */
  readonly malformed: number
  /** Answers that could not be delivered: their client had left, or did not read. */
  readonly undelivered: number
}

export interface GatewayCloseOptions {
  /** Seconds for the observations that wait or run; what is left then is answered with CLOSED. @default 5 */
  readonly drainS?: number
}

/** Serves one policy to the clients of several dialects at once. */
export class PolicyGateway {
  /** Resolves when the gateway was closed, by `close` or by a client where that is allowed. */
  readonly closed: Promise<void>
  readonly #queue: InferenceQueue
  readonly #fronts: Front[] = []
  #state: GatewayHealth['state'] = 'serving'
  #malformed = 0
  #undelivered = 0
  #closing: Promise<void> | undefined
  #resolveClosed: () => void = () => {}

  /**
   * Warms the policy up, then listens for all dialects, or none.
   * @throws INVALID_ARGUMENT, ENDPOINT_IN_USE, PERMISSION_DENIED, and what the policy throws when it is warmed up
   */
  static async serve(policy: PolicyHandler | BatchedPolicy, options: GatewayOptions): Promise<PolicyGateway> {
    const limits = parseLimits(options)
    const batchedPolicy = asBatched(policy)
    if (options.warmUp !== undefined) await warmUp(batchedPolicy, options.warmUp)
    const gateway = new PolicyGateway(new InferenceQueue({ ...limits, policy: batchedPolicy }))
    try {
      await gateway.#listen(options, limits.maxPayloadBytes)
    } catch (error) {
      await gateway.close()
      throw error
    }
    return gateway
  }

  private constructor(queue: InferenceQueue) {
    this.#queue = queue
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
  }

  /** Where it listens, for `PolicyClient.connect`: `ipc://…` and `tcp://…`, `openpi://…`, `groot://…`. */
  get urls(): readonly string[] {
    return this.#fronts.flatMap(({ urls }) => urls)
  }

  health(): GatewayHealth {
    const { waiting, running, counts } = this.#queue
    return {
      state: this.#state,
      waiting,
      running,
      ...counts,
      malformed: this.#malformed,
      undelivered: this.#undelivered,
    }
  }

  /** Takes no more observations, answers those it has, and ends. May be called again. */
  close({ drainS = 5 }: GatewayCloseOptions = {}): Promise<void> {
    this.#closing ??= (async () => {
      this.#state = 'closing'
      await this.#queue.drain(drainS)
      await Promise.all(this.#fronts.map((front) => front.close()))
      this.#state = 'closed'
      this.#resolveClosed()
    })()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #listen({ robotmq, openpi, groot, metadata = {}, onReset }: GatewayOptions, bytes: number): Promise<void> {
    const host = this.#host(metadata, bytes, onReset)
    if (robotmq !== undefined) this.#fronts.push(await openRobotmqFront(host, robotmq))
    if (openpi !== undefined) this.#fronts.push(await openOpenpiFront(host, openpi))
    if (groot !== undefined) this.#fronts.push(await openGrootFront(host, groot))
  }

  #host(
    metadata: Readonly<Record<string, unknown>>,
    maxPayloadBytes: number,
    onReset: GatewayOptions['onReset'],
  ): FrontHost {
    const isServing = () => this.#state === 'serving'
    return {
      metadata,
      maxPayloadBytes,
      get serving() {
        return isServing()
      },
      infer: async (observation, asker) => {
        if (isRecord(observation)) return this.#queue.submit(observation, asker)
        this.#malformed += 1
        throw new RmqError('MALFORMED_MESSAGE', 'An observation must be a map of arrays, numbers and texts.')
      },
      left: (asker) => this.#queue.abandon(asker),
      reset: async (options, { front, client }) => {
        await onReset?.({ front, client, ...(options !== undefined && { options }) })
      },
      malformed: () => {
        this.#malformed += 1
      },
      undelivered: () => {
        this.#undelivered += 1
      },
      killed: () => void this.close(),
    }
  }
}
