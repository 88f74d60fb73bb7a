import { steadyClockUs } from 'robotmq'
import { sleepUntilUs } from './precise-sleep.ts'

export interface PacerOptions {
  readonly rateHz: number
  /** Seconds behind from which ticks are given up instead of caught up, as after a laptop's sleep. @default 1 */
  readonly giveUpS?: number
  /** @default the steady clock */
  readonly nowUs?: () => number
  /** @default a precise sleep on the steady clock */
  readonly sleepUntilUs?: (dueUs: number, signal?: AbortSignal) => Promise<void>
}

/** Ticks at a rate. Tick k is due at start + k / rate whatever happened before, so nothing drifts. */
export class Pacer {
  readonly #periodUs: number
  readonly #giveUpUs: number
  readonly #nowUs: () => number
  readonly #sleepUntilUs: NonNullable<PacerOptions['sleepUntilUs']>
  #startUs: number | undefined
  #next = 0
  #late = 0
  #missed = 0

  constructor({ rateHz, giveUpS = 1, nowUs = steadyClockUs, sleepUntilUs: sleep = sleepUntilUs }: PacerOptions) {
    this.#periodUs = 1e6 / rateHz
    this.#giveUpUs = giveUpS * 1e6
    this.#nowUs = nowUs
    this.#sleepUntilUs = sleep
  }

  /** Ticks that came more than one period after they were due. */
  get late(): number {
    return this.#late
  }

  /** Ticks that never came. */
  get missed(): number {
    return this.#missed
  }

  /**
   * Waits for the next tick; those that are overdue follow each other at once.
   * @returns the tick's number, from 0
   * @throws the signal's reason
   */
  async tick(signal?: AbortSignal): Promise<number> {
    this.#startUs ??= this.#nowUs()
    this.#giveUpOverdue(this.#startUs)
    const dueUs = this.#startUs + this.#next * this.#periodUs
    await this.#sleepUntilUs(dueUs, signal)
    if (this.#nowUs() - dueUs > this.#periodUs) this.#late += 1
    return this.#next++
  }

  #giveUpOverdue(startUs: number): void {
    const elapsedUs = this.#nowUs() - startUs
    if (elapsedUs - this.#next * this.#periodUs <= this.#giveUpUs) return
    const upToDate = Math.floor(elapsedUs / this.#periodUs)
    this.#missed += upToDate - this.#next
    this.#next = upToDate
  }
}
