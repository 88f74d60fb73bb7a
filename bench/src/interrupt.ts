import { constants } from 'node:os'

const current = new Set<() => void>()

/** Has `cleanUp` called when the program is interrupted; the returned function takes that back. */
export function onInterrupt(cleanUp: () => void): () => void {
  if (current.size === 0) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  }
  current.add(cleanUp)
  return () => {
    current.delete(cleanUp)
    if (current.size > 0) return
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, interrupt)
  }
}

function interrupt(signal: NodeJS.Signals): void {
  for (const cleanUp of current) cleanUp()
  process.stderr.write('\ninterrupted\n')
  process.exit(128 + constants.signals[signal])
}
