import { Command, Option } from 'commander'
import { type ConnectionOptions, timeoutOption, withClient } from '../connection.ts'
import type { Context } from '../context.ts'
import { follow } from '../follow.ts'
import { keyOption, serverKeyOption } from '../key-options.ts'
import { positiveInteger } from '../option-values.ts'
import { patientPeek } from '../patient-peek.ts'
import { addRecordFormatOptions, formatRecord, type RecordFormatOptions } from '../record-format.ts'
import { untilInterrupted } from '../until-interrupted.ts'

type EchoOptions = ConnectionOptions & RecordFormatOptions & { readonly count?: number }

const POLL_MS = 10

export function echoCommand(context: Context): Command {
  const command = new Command('echo')
    .summary('show records as they come')
    .description('Shows the newest record of a topic and then each one that comes, until Ctrl-C or --count.')
    .argument('<E>', "the server's endpoint")
    .argument('<TOPIC>')
    .addOption(new Option('--count <n>', 'end after this many records').argParser(positiveInteger))
  return addRecordFormatOptions(command, 'print an object a line, with the payload in base64')
    .addOption(timeoutOption())
    .addOption(serverKeyOption())
    .addOption(keyOption())
    .action(async (endpoint: string, topic: string, options: EchoOptions) => {
      await untilInterrupted(() => echo(context, endpoint, topic, options))
    })
}

async function echo(context: Context, endpoint: string, topic: string, options: EchoOptions): Promise<void> {
  const { signal, output, notice } = context
  const { count = Number.POSITIVE_INFINITY } = options
  await withClient(context, endpoint, options, async (client) => {
    const peek = patientPeek(client, topic, options, signal)
    let shown = 0
    for await (const message of follow(peek, { signal, pollMs: POLL_MS })) {
      if (message.lostBefore > 0) notice(`rmq: lost ${message.lostBefore} records before #${message.sequence}`)
      const formatted = formatRecord(message, options, context)
      await (options.json ? output.line(formatted as string) : output.write(formatted))
      shown += 1
      if (shown === count) return
    }
  })
}
