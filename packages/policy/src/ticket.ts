import { steadyClockUs } from 'robotmq'
import type { Actions, FrontName, Observation, PolicyContext } from './policy-handler.ts'

/** Who asks. */
export interface Asker {
  readonly front: FrontName
  readonly client: string
  /** Aborted when the client left. */
  readonly signal?: AbortSignal
}

/** What a handler answered, and how long it took. */
export interface Inference {
  readonly actions: Actions
  readonly inferMs: number
}

/** An observation that waits for its answer. */
export class Ticket {
  readonly observation: Observation
  readonly context: PolicyContext
  readonly outcome: Promise<Inference>
  #controller: AbortController | undefined
  #failure: { readonly error: unknown } | undefined
  #resolve: (inference: Inference) => void = () => {}
  #reject: (error: unknown) => void = () => {}
  #cleanUp: () => void = () => {}
  #settled = false

  constructor(observation: Observation, { front, client }: Asker, sequence: number) {
    this.observation = observation
    const receivedAtS = steadyClockUs() / 1e6
    const signal = () => this.#signal()
    this.context = {
      front,
      client,
      sequence,
      receivedAtS,
      get signal() {
        return signal()
      },
    }
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** @param cleanUp runs once there is an outcome */
  onSettled(cleanUp: () => void): void {
    this.#cleanUp = cleanUp
  }

  /** @returns false where there was an outcome already */
  succeed(inference: Inference): boolean {
    if (!this.#settle()) return false
    this.#resolve(inference)
    return true
  }

  /** @returns false where there was an outcome already */
  fail(error: unknown): boolean {
    if (!this.#settle()) return false
    this.#reject(error)
    this.#failure = { error }
    // A handler that still works on it may stop.
    this.#controller?.abort(error)
    return true
  }

  /** Made when it is first asked for: most handlers never do. */
  #signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#failure !== undefined) this.#controller.abort(this.#failure.error)
    }
    return this.#controller.signal
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#cleanUp()
    return true
  }
}
