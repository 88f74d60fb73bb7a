import { constants } from 'node:os'

type CleanUp = () => Promise<void>

const current = new Set<CleanUp>()
let ending = false

/** Has `cleanUp` called when the program is interrupted; the returned function takes that back. */
export function onInterrupt(cleanUp: CleanUp): () => void {
  if (current.size === 0) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  }
  current.add(cleanUp)
  return () => {
    current.delete(cleanUp)
    if (current.size > 0 || ending) return
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, interrupt)
  }
}

/** The program is on its way out: whatever fails now fails because of that. */
export function interrupted(): boolean {
  return ending
}

async function interrupt(signal: NodeJS.Signals): Promise<void> {
  if (ending) return
  ending = true
  process.stderr.write('\ninterrupted\n')
  await Promise.allSettled([...current].map((cleanUp) => cleanUp()))
  process.exit(128 + constants.signals[signal])
}
