import { Command, Option } from 'commander'
import { effectWithin } from '../answer-deadline.ts'
import { type ConnectionOptions, timeoutOption, withClient } from '../connection.ts'
import type { Context } from '../context.ts'
import { keyOption, serverKeyOption } from '../key-options.ts'
import { recordCount } from '../option-values.ts'
import { addRecordFormatOptions, type RecordFormatOptions, writeRecords } from '../record-format.ts'

type PopOptions = ConnectionOptions & RecordFormatOptions & { readonly n: number }

const ORIGINAL = `
A robotmq server of Python removes and returns all records of the topic, whatever count it is asked for.`

export function popCommand(context: Context): Command {
  const command = new Command('pop')
    .summary('take records out and show them')
    .description('Takes records out of a topic and shows them, the oldest first.')
    .addHelpText('after', ORIGINAL)
    .argument('<E>', "the server's endpoint")
    .argument('<TOPIC>')
    .addOption(
      new Option('-n <count>', '3: the oldest three, -3: the newest three, 0: all').argParser(recordCount).default(1),
    )
  return addRecordFormatOptions(command, 'print an array of records, with the payloads in base64')
    .addOption(timeoutOption())
    .addOption(serverKeyOption())
    .addOption(keyOption())
    .action(async (endpoint: string, topic: string, options: PopOptions) => {
      await withClient(context, endpoint, options, async (client) => {
        const messages = await effectWithin(options, `pop on "${topic}"`, (call) =>
          client.popData(topic, options.n, call),
        )
        await writeRecords(messages, options, context)
      })
    })
}
