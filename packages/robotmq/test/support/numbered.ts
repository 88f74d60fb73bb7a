import { type Message, type RMQServer, steadyClockUs } from 'robotmq'
import { onTestFinished } from 'vitest'

/** Puts numbered records until it is stopped, as many as are due at each step of the timer. */
export class NumberedPuts {
  #count = 0
  readonly #timer: NodeJS.Timeout

  constructor(server: RMQServer, topic: string, hz: number, bytes = 64) {
    const startUs = steadyClockUs()
    this.#timer = setInterval(() => {
      const due = ((steadyClockUs() - startUs) * hz) / 1e6
      while (this.#count < due) {
        server.putData(topic, numbered(++this.#count, bytes))
      }
    }, 1)
    onTestFinished(() => clearInterval(this.#timer))
  }

  /** @returns how many were put */
  stop(): number {
    clearInterval(this.#timer)
    return this.#count
  }
}

/** A record with its number, and when it was made. */
export function numbered(number: number, bytes = 64): Uint8Array {
  const record = new Uint8Array(bytes)
  const view = new DataView(record.buffer)
  view.setUint32(0, number, true)
  view.setFloat64(4, steadyClockUs(), true)
  return record
}

export function numberOf({ data }: Message): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(0, true)
}

/** Milliseconds since the put. */
export function delayMs({ data }: Message): number {
  return (steadyClockUs() - new DataView(data.buffer, data.byteOffset).getFloat64(4, true)) / 1000
}

export function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!
}
