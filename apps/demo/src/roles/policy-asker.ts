import { type StreamReporter, writeReport } from '@rmq/app-kit'
import { inferActions } from '@rmq/app-policy'
import { deserialize, NDArray, type RMQClient, RmqError, serialize, steadyClockUs } from 'robotmq'

/** So often a request is sent while the policy does not answer. */
const RESEND_S = 1

/** Asks the policy one thing at a time, and checks the answers to the last bit. */
export class PolicyAsker {
  readonly #policy: RMQClient
  readonly #reporter: StreamReporter
  readonly #signal: AbortSignal
  readonly #tell: typeof writeReport
  #request = 0
  #busy = false
  #failure: unknown

  constructor(
    policy: RMQClient,
    reporter: StreamReporter,
    signal: AbortSignal,
    tell: typeof writeReport = writeReport,
  ) {
    this.#policy = policy
    this.#reporter = reporter
    this.#signal = signal
    this.#tell = tell
    policy.on('retry', () => tell({ request: this.#request, was: 'resent' }))
  }

  /** It waits for an answer. @throws what went wrong with an earlier request, other than that it had no answer */
  get busy(): boolean {
    if (this.#failure !== undefined) throw this.#failure
    return this.#busy
  }

  /** Image and joints are the caller's again when this returns. */
  ask(image: NDArray<'uint8'>, joints: NDArray<'float64'>): void {
    const request = ++this.#request
    const observation = serialize({ image, joints, request })
    const expected = inferActions(image, joints.data)
    this.#busy = true
    this.#send(request, observation, expected).then(
      () => {
        this.#busy = false
      },
      (error) => {
        this.#failure = error
      },
    )
  }

  async #send(request: number, observation: Uint8Array, expected: NDArray<'float32'>): Promise<void> {
    this.#tell({ request, was: 'asked' })
    const startS = steadyClockUs() / 1e6
    try {
      const options = { timeoutS: RESEND_S, signal: this.#signal }
      const reply = await this.#policy.requestWithData('inference', observation, options)
      const latencyMs = (steadyClockUs() / 1e6 - startS) * 1e3
      this.#tell({ request, was: 'answered' })
      this.#reporter.seen({ latencyMs })
      if (!isAnswer(reply, expected)) this.#reporter.wrong('the policy answered with other actions than it must')
    } catch (error) {
      if (this.#signal.aborted || !RmqError.isInstance(error)) throw error
      this.#reporter.lost(1, `${error.code}: ${error.message}`)
    }
  }
}

function isAnswer(reply: Uint8Array, expected: NDArray<'float32'>): boolean {
  const { actions } = (deserialize(reply) ?? {}) as Record<string, unknown>
  return (
    actions instanceof NDArray &&
    actions.is('float32') &&
    `${actions.shape}` === `${expected.shape}` &&
    Buffer.compare(actions.toBytes(), expected.toBytes()) === 0
  )
}
