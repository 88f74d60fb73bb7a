import { type ParseArgsConfig, parseArgs } from 'node:util'
import { RmqError } from 'robotmq'
import { Orders } from './orders.ts'
import { stopSignal } from './stop-signal.ts'

/** The command line is wrong: shown with the usage, exit code 2. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>
type Values = Readonly<Record<string, string | boolean | undefined>>

export interface Program {
  /** Shown by `--help` and beside a wrong command line. */
  readonly usage: string
  readonly options: Options
  /** Runs until it is done or the signal aborts; what it throws after an abort is the abort's own echo. */
  run(values: Values, signal: AbortSignal, orders: Orders): Promise<void>
}

/**
 * Runs a program to its end and sets the exit code: 0 done or stopped by Ctrl-C, 1 failed, 2 wrong usage.
 * Every program also takes `--help` and `--until-stdin-closes`, which ties its life to that of its parent, who may give
 * orders then.
 */
export async function runProgram(program: Program): Promise<void> {
  let values: Values
  try {
    values = parseValues(program.options)
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${program.usage}`, 2)
  }
  if (values['help']) return void process.stdout.write(`${program.usage}\n`)
  const tied = values['until-stdin-closes'] === true
  const stop = stopSignal({ untilStdinCloses: tied })
  const orders = new Orders(tied ? process.stdin : undefined)
  try {
    await program.run(values, stop.signal, orders)
  } catch (error) {
    if (error instanceof UsageError) fail(`${error.message}\n\n${program.usage}`, 2)
    else if (!stop.signal.aborted) fail(describe(error), 1)
  } finally {
    stop.dispose()
  }
}

function parseValues(options: Options): Values {
  const own: Options = { help: { type: 'boolean' }, 'until-stdin-closes': { type: 'boolean' } }
  return parseArgs({ options: { ...options, ...own }, strict: true }).values as Values
}

function fail(text: string, code: number): void {
  process.stderr.write(`${text}\n`)
  process.exitCode = code
}

function describe(error: unknown): string {
  if (RmqError.isInstance(error)) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}
