import { DemoError } from './crew.ts'

/**
 * The promise's result, if it comes in time.
 * @param what for the message: "the camera did not listen"
 * @throws DemoError when it does not, the signal's reason when that aborts first
 */
export async function within<T>(promise: Promise<T>, timeoutS: number, what: string, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const ended = new AbortController()
  const interrupted = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new DemoError(`${what} within ${timeoutS} s`)), timeoutS * 1000)
    signal.addEventListener('abort', () => reject(signal.reason), { signal: ended.signal })
    ended.signal.addEventListener('abort', () => clearTimeout(timer))
  })
  try {
    return await Promise.race([promise, interrupted])
  } finally {
    ended.abort()
  }
}
