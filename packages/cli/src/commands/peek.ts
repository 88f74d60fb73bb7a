import { Command, Option } from 'commander'
import { readWithin } from '../answer-deadline.ts'
import { type ConnectionOptions, timeoutOption, withClient } from '../connection.ts'
import type { Context } from '../context.ts'
import { keyOption, serverKeyOption } from '../key-options.ts'
import { recordCount } from '../option-values.ts'
import { addRecordFormatOptions, type RecordFormatOptions, writeRecords } from '../record-format.ts'

type PeekOptions = ConnectionOptions & RecordFormatOptions & { readonly n: number }

export function peekCommand(context: Context): Command {
  const command = new Command('peek')
    .summary('show records and leave them there')
    .description('Shows records of a topic and leaves them there, the oldest first.')
    .argument('<E>', "the server's endpoint")
    .argument('<TOPIC>')
    .addOption(
      new Option('-n <count>', '3: the oldest three, -3: the newest three, 0: all').argParser(recordCount).default(-1),
    )
  return addRecordFormatOptions(command, 'print an array of records, with the payloads in base64')
    .addOption(timeoutOption())
    .addOption(serverKeyOption())
    .addOption(keyOption())
    .action(async (endpoint: string, topic: string, options: PeekOptions) => {
      await withClient(context, endpoint, options, async (client) => {
        const messages = await readWithin(options, `peek on "${topic}"`, (call) =>
          client.peekData(topic, options.n, call),
        )
        await writeRecords(messages, options, context)
      })
    })
}
