import { Command } from 'commander'
import { RmqError } from 'robotmq'
import { type ConnectionOptions, timeoutOption, withClient } from '../connection.ts'
import type { Context } from '../context.ts'
import { jsonText } from '../json-text.ts'
import { keyOption, serverKeyOption } from '../key-options.ts'

type StatusOptions = ConnectionOptions & { readonly json?: boolean }

const NO_TOPIC = -1
const UNREACHABLE = -2

export function statusCommand(context: Context): Command {
  return new Command('status')
    .summary('print how many records a topic holds')
    .description(
      'Prints how many records a topic holds: -1 where there is no such topic (exit code 1), ' +
        '-2 where the server does not answer (exit code 3).',
    )
    .argument('<E>', "the server's endpoint")
    .argument('<TOPIC>')
    .option('--json', 'print an object with the topic and its count')
    .addOption(timeoutOption())
    .addOption(serverKeyOption())
    .addOption(keyOption())
    .action(async (endpoint: string, topic: string, options: StatusOptions) => {
      const count = await statusOf(context, endpoint, topic, options)
      await context.output.line(options.json ? jsonText({ topic, count }) : String(count))
      if (count === NO_TOPIC) throw new RmqError('TOPIC_NOT_FOUND', `Topic "${topic}" does not exist at ${endpoint}.`)
      if (count === UNREACHABLE) {
        throw new RmqError('TIMEOUT', `No server answered at ${endpoint} within ${options.timeout} s: is it running?`)
      }
    })
}

async function statusOf(context: Context, endpoint: string, topic: string, options: StatusOptions): Promise<number> {
  try {
    return await withClient(context, endpoint, options, (client) => client.getTopicStatus(topic, options.timeout))
  } catch (error) {
    if (RmqError.isInstance(error) && error.code === 'TIMEOUT') return UNREACHABLE
    throw error
  }
}
