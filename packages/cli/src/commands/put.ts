import { Command, Option } from 'commander'
import type { RMQClient } from 'robotmq'
import { effectWithin } from '../answer-deadline.ts'
import { type ConnectionOptions, timeoutOption, withClient } from '../connection.ts'
import type { Context } from '../context.ts'
import { keyOption, serverKeyOption } from '../key-options.ts'
import { positiveInteger, positiveNumber } from '../option-values.ts'
import { Pacer } from '../pacer.ts'
import { addPayloadOptions, type PayloadOptions, readPayload } from '../payload-source.ts'
import { formatRate, formatSeconds } from '../units.ts'
import { untilInterrupted } from '../until-interrupted.ts'

interface PutOptions extends ConnectionOptions, PayloadOptions {
  readonly rate?: number
  readonly count?: number
}

export function putCommand(context: Context): Command {
  const command = new Command('put')
    .summary('put a record, or the same one again and again')
    .description(
      'Puts a record: all of stdin where neither --data nor --file is given. With --rate it is put again and again, ' +
        'until Ctrl-C or --count.',
    )
    .argument('<E>', "the server's endpoint")
    .argument('<TOPIC>')
  return addPayloadOptions(command)
    .addOption(new Option('--rate <hz>', 'put it this many times a second').argParser(positiveNumber))
    .addOption(
      new Option('--count <n>', 'put it this many times; without --rate as fast as the server takes it').argParser(
        positiveInteger,
      ),
    )
    .addOption(timeoutOption())
    .addOption(serverKeyOption())
    .addOption(keyOption())
    .action(async (endpoint: string, topic: string, options: PutOptions) => {
      const payload = await readPayload(options, context)
      const { rate, count = rate === undefined ? 1 : Number.POSITIVE_INFINITY } = options
      const work = () =>
        withClient(context, endpoint, options, (client) =>
          putAll(client, topic, payload, { ...options, count }, context),
        )
      await (count === Number.POSITIVE_INFINITY ? untilInterrupted(work) : work())
    })
}

async function putAll(
  client: RMQClient,
  topic: string,
  payload: Uint8Array,
  options: PutOptions & { readonly count: number },
  { signal, notice }: Context,
): Promise<void> {
  const { rate = Number.POSITIVE_INFINITY, count } = options
  const pacer = new Pacer(rate, signal)
  const begin = performance.now()
  let done = 0
  try {
    while (done < count) {
      await pacer.next()
      await effectWithin(options, `put on "${topic}"`, (call) => client.putData(topic, payload, call))
      done += 1
    }
  } finally {
    if (count > 1) notice(summary(topic, done, (performance.now() - begin) / 1000))
  }
}

function summary(topic: string, done: number, elapsedS: number): string {
  const rate = done < 2 ? '' : `, ${formatRate((done - 1) / elapsedS)}`
  return `Put ${done} ${done === 1 ? 'record' : 'records'} on "${topic}" in ${formatSeconds(elapsedS)}${rate}.`
}
