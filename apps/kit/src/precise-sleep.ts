import { setImmediate, setTimeout } from 'node:timers/promises'
import { steadyClockUs } from 'robotmq'

/** Timers fire up to a millisecond or two late: they cover the way, and a blocking wait the last part. */
const TIMER_SLACK_MS = 2.5

const cell = new Int32Array(new SharedArrayBuffer(4))

/**
 * Sleeps until an instant of the steady clock, to about 0.1 ms and without spinning. It blocks the thread for at most
 * 2.5 ms at a time: for programs whose main thread has nothing else to do.
 * @throws the signal's reason
 */
export async function sleepUntilUs(dueUs: number, signal?: AbortSignal): Promise<void> {
  // Even when it is late already, so that signals and pipes get their turn.
  await setImmediate()
  for (;;) {
    signal?.throwIfAborted()
    const remainingMs = (dueUs - steadyClockUs()) / 1000
    if (remainingMs <= 0) return
    if (remainingMs > TIMER_SLACK_MS) await setTimeout(remainingMs - TIMER_SLACK_MS, undefined, signal && { signal })
    else Atomics.wait(cell, 0, 0, remainingMs)
  }
}
