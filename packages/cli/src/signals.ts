import { constants } from 'node:os'
import { type EndingSignal, Interrupted } from './interrupted.ts'

const SIGNALS: readonly EndingSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** Ctrl-C arrives twice where npm passes on what the terminal has sent already: that is one request to end. */
const SAME_REQUEST_MS = 500

/**
 * Turns the signals that end a process into one call, so that it can leave cleanly. Who asks a second time does not
 * want to wait for that: the process ends at once.
 * @returns a function that stops watching
 */
export function onEndingSignal(end: (reason: Interrupted) => void): () => void {
  let asked: number | undefined
  const handlers = SIGNALS.map((name) => {
    const handler = () => {
      if (asked === undefined) {
        asked = performance.now()
        end(new Interrupted(name))
      } else if (performance.now() - asked > SAME_REQUEST_MS) {
        process.exit(128 + constants.signals[name])
      }
    }
    process.on(name, handler)
    return () => process.off(name, handler)
  })
  return () => {
    for (const stop of handlers) stop()
  }
}
