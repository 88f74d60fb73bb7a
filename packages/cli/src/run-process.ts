import { setTimeout as delay } from 'node:timers/promises'
import { Output } from './output.ts'
import { printable } from './printable.ts'
import { run } from './run.ts'
import { onEndingSignal } from './signals.ts'

/** How long someone who asked to end waits for a reader of the output that does not read. */
const UNREAD_MS = 300

/** Runs a command line as this process: its stdin, stdout, stderr and signals. Ends it with the exit code. */
export async function runProcess(args: readonly string[]): Promise<never> {
  const end = new AbortController()
  onEndingSignal((reason) => end.abort(reason))
  const output = new Output(process.stdout, end.signal, (reason) => end.abort(reason))
  // Nobody can be told that stderr is gone, and the command can do without it.
  process.stderr.on('error', () => {})
  const exitCode = await run(args, {
    output,
    // Only the commands that read it touch it.
    get stdin() {
      return process.stdin
    },
    signal: end.signal,
    notice: (text) => process.stderr.write(`${printable(text)}\n`),
  })
  // An open stdin or unread output would keep the process alive.
  await (end.signal.aborted ? Promise.race([output.flushed(), delay(UNREAD_MS)]) : output.flushed())
  return process.exit(exitCode)
}
