import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { echoCommand } from './commands/echo.ts'
import { listCommand } from './commands/list.ts'
import { peekCommand } from './commands/peek.ts'
import { popCommand } from './commands/pop.ts'
import { putCommand } from './commands/put.ts'
import { requestCommand } from './commands/request.ts'
import { serveCommand } from './commands/serve.ts'
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
  for (const create of COMMANDS) {
    const command = create(context)
    command
      .copyInheritedSettings(program)
      .showHelpAfterError(`Try: rmq help ${command.name()}`)
      .configureHelp({ showGlobalOptions: false })
    program.addCommand(command)
  }
  return program
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
