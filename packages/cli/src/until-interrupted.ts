import { Interrupted } from './interrupted.ts'

/** For work without an end of its own: the signal that ends it is its success. */
export async function untilInterrupted(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
  }
}
