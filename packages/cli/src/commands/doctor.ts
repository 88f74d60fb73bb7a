import { Command } from 'commander'
import { type ConnectionOptions, timeoutOption } from '../connection.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { diagnose } from '../doctor/diagnose.ts'
import type { Finding } from '../doctor/finding.ts'
import { gatherEndpoint } from '../doctor/gather-endpoint.ts'
import { gatherFacts } from '../doctor/gather-facts.ts'
import { jsonText } from '../json-text.ts'
import { keyOption, serverKeyOption } from '../key-options.ts'
import { printableLine } from '../printable.ts'

type DoctorOptions = ConnectionOptions & { readonly json?: boolean; readonly endpoint?: string }

export function doctorCommand(context: Context): Command {
  return new Command('doctor')
    .summary('find what keeps shared memory from working')
    .description(
      'Looks at this host, as this user and from this container: the size of /dev/shm, limits, permissions, what is left ' +
        'over, the kernel, the native addon. Tells for each what to do. Exit code 1: there is a problem.',
    )
    .option('--endpoint <E>', 'look at this server too, and at how its topics are reached')
    .option('--json', 'print an array of findings: level, check, message, remedy')
    .addOption(timeoutOption())
    .addOption(serverKeyOption())
    .addOption(keyOption())
    .action(async (options: DoctorOptions) => {
      const { endpoint } = options
      const asked = endpoint === undefined ? undefined : await gatherEndpoint(context, endpoint, options)
      const findings = diagnose({ ...gatherFacts(), ...(asked !== undefined && { endpoint: asked }) })
      await context.output.line(options.json ? jsonText(findings, 2) : findings.map(findingText).join('\n'))
      const problems = findings.filter(({ level }) => level === 'problem').length
      if (problems > 0) throw new Error(`${counted(problems, 'problem')} found.`)
    })
}

const INDENT = ' '.repeat('problem  '.length)

function findingText({ level, message, remedy }: Finding): string {
  const head = `${level.padEnd('problem'.length)}  ${printableLine(message)}`
  return remedy === undefined ? head : `${head}\n${INDENT}→ ${printableLine(remedy)}`
}
