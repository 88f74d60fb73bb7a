/** The longest delay that timers take; beyond it they would fire at once. */
const LONGEST_MS = 2 ** 31 - 1

/** Seconds as a timer's milliseconds; what is longer than 24 days, Infinity too, becomes 24 days. */
export function timerMs(seconds: number): number {
  return Math.min(seconds * 1000, LONGEST_MS)
}

/** Runs `expire` after the seconds, without keeping the process alive. */
export function backgroundTimer(expire: () => void, seconds: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(expire, timerMs(seconds))
  // Browsers' timers are numbers.
  ;(timer as { unref?: () => void }).unref?.()
  return timer
}

/** Resolves after the seconds; rejects with the signal's reason. */
export function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, timerMs(seconds))
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
