import { steadyClockUs } from 'robotmq'
import type { BatchedPolicy, Observation, PolicyContext } from './policy-handler.ts'

/** Runs a policy before anybody waits for it: networks are slow at first, and for each new size of a batch. */
export async function warmUp({ handler, maxSize }: BatchedPolicy, observation: Observation): Promise<void> {
  for (const size of new Set([1, maxSize])) {
    const contexts = Array.from({ length: size }, (): PolicyContext => {
      const receivedAtS = steadyClockUs() / 1e6
      return { front: 'robotmq', client: 'warm-up', sequence: 0, receivedAtS, signal: new AbortController().signal }
    })
    const answers = await handler(
      contexts.map(() => observation),
      contexts,
    )
    for (const answer of answers) if (answer instanceof Error) throw answer
  }
}
