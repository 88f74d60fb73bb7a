/**
 * What must not outlive this environment, run at its end: also after `process.exit` and uncaught errors, where neither
 * `finally` nor the addon's own cleanup runs.
 */
const pending = new Set<() => void>()

function runAll(): void {
  for (const action of pending) {
    try {
      action()
    } catch {
      // The others still count.
    }
  }
}

/** @returns a function that takes the action off again */
export function onExit(action: () => void): () => void {
  if (pending.size === 0) process.on('exit', runAll)
  pending.add(action)
  return () => {
    pending.delete(action)
    if (pending.size === 0) process.off('exit', runAll)
  }
}
