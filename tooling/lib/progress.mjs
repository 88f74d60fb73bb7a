/** A problem that the person at the keyboard can solve: shown as its message alone, without a stack. */
export class ToolingError extends Error {}

/** One line on what goes on now. */
export function step(message) {
  process.stdout.write(`▸ ${message}\n`)
}

/** Runs a script's body; a `ToolingError` ends it with exit code 1 and its message. */
export async function script(body) {
  try {
    await body()
  } catch (error) {
    process.exitCode = 1
    if (error instanceof ToolingError) process.stderr.write(`\n✗ ${error.message}\n`)
    else throw error
  }
}

/** How long something took, for people. */
export function seconds(sinceMs) {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`
}
