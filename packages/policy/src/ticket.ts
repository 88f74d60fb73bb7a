import { steadyClockUs } from 'robotmq'
import type { Actions, FrontName, Observation, PolicyContext } from './policy-handler.ts'

/** Who asks: the same object for all observations that are given up when this asker leaves. */
export interface Asker {
  readonly front: FrontName
  readonly client: string
}

/** What a handler answered, and how long it took. */
export interface Inference {
  readonly actions: Actions
  readonly inferMs: number
}

/** An observation that waits for its answer. */
export class Ticket {
  readonly observation: Observation
  readonly asker: Asker
  readonly context: TicketContext
  readonly outcome: Promise<Inference>
  #resolve: (inference: Inference) => void = () => {}
  #reject: (error: unknown) => void = () => {}
  #settled = false

  constructor(observation: Observation, asker: Asker, sequence: number) {
    this.observation = observation
    this.asker = asker
    this.context = new TicketContext(asker, sequence)
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  get isSettled(): boolean {
    return this.#settled
  }

  /** @returns false where there was an outcome already */
  succeed(inference: Inference): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#resolve(inference)
    return true
  }

  /** @returns false where there was an outcome already */
  fail(error: unknown): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#reject(error)
    // A handler that still works on it may stop.
    this.context.abort(error)
    return true
  }
}

/** A class for its getter: one in an object literal costs each observation a table among V8's old objects. */
class TicketContext implements PolicyContext {
  readonly front: FrontName
  readonly client: string
  readonly sequence: number
  readonly receivedAtS: number = steadyClockUs() / 1e6
  #controller: AbortController | undefined
  #failure: { readonly error: unknown } | undefined

  constructor({ front, client }: Asker, sequence: number) {
    this.front = front
    this.client = client
    this.sequence = sequence
  }

  /** Made when it is first asked for: most handlers never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#failure !== undefined) this.#controller.abort(this.#failure.error)
    }
    return this.#controller.signal
  }

  abort(error: unknown): void {
    this.#failure = { error }
    this.#controller?.abort(error)
  }
}
