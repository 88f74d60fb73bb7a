import type { RequestReport } from '@rmq/app-kit'

/** What became of each request of one phase, as the controller and the policy tell it. */
export class RequestStats {
  readonly #times: Readonly<Record<RequestReport['was'], Map<number, number>>> = {
    asked: new Map(),
    resent: new Map(),
    ran: new Map(),
    answered: new Map(),
  }

  add({ request, was }: RequestReport): void {
    this.#times[was].set(request, this.times(request, was) + 1)
  }

  /** How often this happened to the request. */
  times(request: number, was: RequestReport['was']): number {
    return this.#times[was].get(request) ?? 0
  }

  get asked(): number {
    return this.#times.asked.size
  }

  get answered(): number {
    return this.#times.answered.size
  }

  /** Asked and not yet answered. */
  get waiting(): readonly number[] {
    return [...this.#times.asked.keys()].filter((request) => !this.#times.answered.has(request))
  }

  /** Ran more than once. */
  get repeated(): readonly number[] {
    return [...this.#times.ran].filter(([, times]) => times > 1).map(([request]) => request)
  }

  /** Were answered and never ran, or ran and were never asked. */
  get unexplained(): readonly number[] {
    const { asked, ran, answered } = this.#times
    const withoutRun = [...answered.keys()].filter((request) => !ran.has(request))
    const withoutQuestion = [...ran.keys()].filter((request) => !asked.has(request))
    return [...withoutRun, ...withoutQuestion]
  }
}
