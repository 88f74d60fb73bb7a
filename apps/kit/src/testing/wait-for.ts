import { setTimeout } from 'node:timers/promises'

const POLL_MS = 20

/**
 * Waits for a condition.
 * @returns what the condition returned
 * @throws when it did not come true in time
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  what: string,
  timeoutS = 15,
): Promise<Exclude<T, false | undefined>> {
  const endMs = performance.now() + timeoutS * 1000
  for (;;) {
    const result = await condition()
    if (result !== false && result !== undefined) return result as Exclude<T, false | undefined>
    if (performance.now() > endMs) throw new Error(`${what}: not within ${timeoutS} s`)
    await setTimeout(POLL_MS)
  }
}
