import { setTimeout as sleep } from 'node:timers/promises'
import type { Plan } from '../plan.ts'

/** Nanoseconds of each call of `once`, after the warm-up of the plan. Its twin is python/measure.py. */
export async function measure(once: () => unknown, { warmUp, count, seconds, pauseS }: Plan): Promise<number[]> {
  await repeat(once, warmUp.count, warmUp.seconds, pauseS)
  return repeat(once, count, seconds, pauseS)
}

async function repeat(once: () => unknown, count: number, seconds: number, pauseS: number): Promise<number[]> {
  const samples: number[] = []
  const clock = process.hrtime.bigint
  const end = clock() + BigInt(Math.round(seconds * 1e9))
  for (let i = 0; i < count; i++) {
    const started = clock()
    const pending = once()
    // A synchronous call is over here: the turn of the event loop that `await` takes is not its own.
    if (pending instanceof Promise) await pending
    const finished = clock()
    samples.push(Number(finished - started))
    if (finished >= end) break
    if (pauseS > 0) await sleep(pauseS * 1000)
  }
  return samples
}
