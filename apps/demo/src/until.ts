import { setTimeout } from 'node:timers/promises'
import { DemoError } from './crew.ts'

const LOOK_MS = 5

/**
 * Waits for a condition.
 * @param what for the message: "the camera did not listen"
 * @throws DemoError when it does not come true in time, the signal's reason when that aborts first
 */
export async function until(
  condition: () => boolean,
  timeoutS: number,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const endMs = performance.now() + timeoutS * 1000
  for (;;) {
    signal.throwIfAborted()
    if (condition()) return
    if (performance.now() > endMs) throw new DemoError(`${what} within ${timeoutS} s`)
    await setTimeout(LOOK_MS, undefined, { signal })
  }
}
