import { constants } from 'node:os'
import { CommanderError } from 'commander'
import { RmqError, type RmqErrorCode } from 'robotmq'
import { BrokenPipe } from './broken-pipe.ts'
import { Interrupted } from './interrupted.ts'
import { UsageError } from './usage-error.ts'

/** What `rmq` ends with. A command that a signal cut short ends with 128 and the signal's number, as shells expect. */
export const ExitCode = { DONE: 0, FAILED: 1, USAGE: 2, UNREACHABLE: 3 } as const

const CODES: Partial<Record<RmqErrorCode, number>> = {
  INVALID_ARGUMENT: ExitCode.USAGE,
  TIMEOUT: ExitCode.UNREACHABLE,
  DISCONNECTED: ExitCode.UNREACHABLE,
  OUTCOME_UNKNOWN: ExitCode.UNREACHABLE,
}

/** The exit code of a command that ended by throwing. */
export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof UsageError) return ExitCode.USAGE
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? ExitCode.DONE : ExitCode.USAGE
  if (thrown instanceof BrokenPipe) return ExitCode.DONE
  if (thrown instanceof Interrupted) return 128 + constants.signals[thrown.signalName]
  if (RmqError.isInstance(thrown)) return CODES[thrown.code] ?? ExitCode.FAILED
  return ExitCode.FAILED
}
