import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { doctorCommand } from './commands/doctor.ts'
import { echoCommand } from './commands/echo.ts'
import { keygenCommand } from './commands/keygen.ts'
import { listCommand } from './commands/list.ts'
import { peekCommand } from './commands/peek.ts'
import { popCommand } from './commands/pop.ts'
import { putCommand } from './commands/put.ts'
import { requestCommand } from './commands/request.ts'
import { serveCommand } from './commands/serve.ts'
import { shmCommand } from './commands/shm.ts'
import { statusCommand } from './commands/status.ts'
import type { Context } from './context.ts'

const COMMANDS = [
  serveCommand,
  listCommand,
  statusCommand,
  echoCommand,
  putCommand,
  peekCommand,
  popCommand,
  requestCommand,
  shmCommand,
  doctorCommand,
  keygenCommand,
]

const EPILOGUE = `
An endpoint E is ipc:///path or tcp://address:port. Data goes to stdout, everything else to stderr.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 timeout or unreachable.`

/** The command line's grammar. */
export function createProgram(context: Context): Command {
  const program = new Command('rmq')
    .description('Serves, watches and feeds robotmq topics.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EPILOGUE)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeErr: (text) => context.notice(text.trimEnd()) })
  for (const create of COMMANDS) adopt(program, create(context), 'rmq')
  return program
}

/** @param path the words that lead to the parent */
function adopt(parent: Command, command: Command, path: string): void {
  command
    .copyInheritedSettings(parent)
    .showHelpAfterError(`Try: ${path} help ${command.name()}`)
    .configureHelp({ showGlobalOptions: false })
  if (command.parent === null) parent.addCommand(command)
  for (const sub of command.commands) adopt(command, sub, `${path} ${command.name()}`)
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
