import { CommanderError } from 'commander'
import { BrokenPipe } from './broken-pipe.ts'
import type { Context } from './context.ts'
import { ExitCode, exitCodeOf } from './exit-codes.ts'
import { Interrupted } from './interrupted.ts'
import { createProgram } from './program.ts'

/** Runs a command line, without the command's own name. @returns the exit code */
export async function run(args: readonly string[], context: Context): Promise<number> {
  try {
    await createProgram(context).parseAsync(args, { from: 'user' })
    return ExitCode.DONE
  } catch (error) {
    if (!isTold(error)) context.notice(`rmq: ${error instanceof Error ? error.message : String(error)}`)
    return exitCodeOf(error)
  }
}

/** Whether the person knows already: the parser prints its own errors, and who ended the command is not surprised. */
function isTold(error: unknown): boolean {
  return error instanceof CommanderError || error instanceof Interrupted || error instanceof BrokenPipe
}
