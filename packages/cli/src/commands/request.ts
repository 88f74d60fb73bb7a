import { Command } from 'commander'
import { effectWithin } from '../answer-deadline.ts'
import { type ConnectionOptions, timeoutOption, withClient } from '../connection.ts'
import type { Context } from '../context.ts'
import { keyOption, serverKeyOption } from '../key-options.ts'
import { addPayloadOptions, type PayloadOptions, readPayload } from '../payload-source.ts'
import { addReplyFormatOptions, type ReplyFormatOptions, writeReply } from '../reply-format.ts'

type RequestOptions = ConnectionOptions & PayloadOptions & ReplyFormatOptions

export function requestCommand(context: Context): Command {
  const command = new Command('request')
    .summary("send a request and print the handler's reply")
    .description(
      "Sends a request to a topic's handler and prints the bytes of the reply. The payload is read from stdin where neither --data nor --file is given.",
    )
    .argument('<E>', "the server's endpoint")
    .argument('<TOPIC>')
  return addReplyFormatOptions(addPayloadOptions(command))
    .addOption(timeoutOption())
    .addOption(serverKeyOption())
    .addOption(keyOption())
    .action(async (endpoint: string, topic: string, options: RequestOptions) => {
      const payload = await readPayload(options, context)
      await withClient(context, endpoint, options, async (client) => {
        const reply = await effectWithin(options, `request on "${topic}"`, (call) =>
          client.requestWithData(topic, payload, call),
        )
        await writeReply(topic, reply, options, context)
      })
    })
}
