import { setTimeout as sleep } from 'node:timers/promises'
import { payloadOf } from './payload.ts'

/** Requests one after the other, each asked until it is answered, as the libraries do by default. */
export interface Requests {
  readonly topic: string
  readonly bytes: number
  readonly seconds: number
  readonly pauseS: number
}

/** What became of them. */
export interface Asked {
  /** Nanoseconds of each that was answered. */
  readonly times: readonly number[]
  /** Answers that were another request's. */
  readonly wrong: number
}

/** Each request begins with its number. Its twin is python/ask.py. */
export async function askRepeatedly(
  ask: (data: Uint8Array) => Promise<Uint8Array>,
  { bytes, seconds, pauseS }: Requests,
): Promise<Asked> {
  const times: number[] = []
  let wrong = 0
  const data = payloadOf(bytes)
  const number = new DataView(data.buffer)
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    number.setUint32(0, times.length, true)
    const started = process.hrtime.bigint()
    const reply = await ask(data)
    times.push(Number(process.hrtime.bigint() - started))
    if (new DataView(reply.buffer, reply.byteOffset).getUint32(0, true) !== times.length - 1) wrong++
    await sleep(pauseS * 1000)
  }
  return { times, wrong }
}
