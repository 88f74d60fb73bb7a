import { once } from 'node:events'
import { Command, Option } from 'commander'
import { RMQServer, type ServerAccess } from 'robotmq'
import type { Context } from '../context.ts'
import { type ServerKeyOptions, serverSecurity } from '../key-options.ts'
import { repeated } from '../option-values.ts'
import {
  type SharedMemoryTopicArgument,
  sharedMemoryTopicArgument,
  type TopicArgument,
  topicArgument,
} from '../topic-argument.ts'
import { untilInterrupted } from '../until-interrupted.ts'

interface ServeOptions extends ServerKeyOptions {
  readonly endpoint: readonly string[]
  readonly name: string
  readonly topic?: readonly TopicArgument[]
  readonly shmTopic?: readonly SharedMemoryTopicArgument[]
  readonly echo?: readonly string[]
  readonly allowIp?: readonly string[]
  readonly robotmqClients?: NonNullable<ServerAccess['robotmqClients']>
}

/** How long a topic that only `--echo` names keeps the records that are put on it. */
const ECHO_TOPIC_TTL_S = 10

export function serveCommand(context: Context): Command {
  return new Command('serve')
    .summary('serve topics with no code')
    .description(
      "Serves topics with no code. Prints 'listening on E' for each endpoint once it is ready, and serves until Ctrl-C.",
    )
    .addOption(
      new Option('--endpoint <E>', 'where to listen; may be repeated. Port 0 lets the system choose one')
        .argParser(repeated(String))
        .makeOptionMandatory(),
    )
    .option('--name <name>', "the server's name", 'rmq')
    .addOption(
      new Option(
        '--topic <NAME:TTL_S>',
        'a topic whose records stay for TTL_S seconds (inf: for ever); may be repeated',
      ).argParser(repeated(topicArgument)),
    )
    .addOption(
      new Option(
        '--shm-topic <NAME:TTL_S:SIZE_MB>',
        'a topic in SIZE_MB MiB of shared memory; may be repeated',
      ).argParser(repeated(sharedMemoryTopicArgument)),
    )
    .addOption(
      new Option('--echo <NAME>', 'answer each request on this topic with its own bytes; may be repeated').argParser(
        repeated(String),
      ),
    )
    .option('--key <FILE>', 'encrypt, with the secret key in this file: `rmq keygen` makes one')
    .addOption(
      new Option(
        '--allow <KEY|FILE>',
        "admit only clients with this public key, or one of the file's; may be repeated",
      ).argParser(repeated(String)),
    )
    .addOption(
      new Option('--key-endpoints <which>', 'the endpoints with keys; those without serve Python clients too')
        .choices(['all', 'tcp'])
        .default('all'),
    )
    .addOption(
      new Option(
        '--allow-ip <ADDRESS>',
        'admit only this address, or network such as 192.168.1.0/24, on tcp; may be repeated',
      ).argParser(repeated(String)),
    )
    .addOption(
      new Option('--robotmq-clients <where>', 'serve clients of the original robotmq everywhere, on ipc, or not at all')
        .choices(['all', 'ipc', 'none'])
        .default('all'),
    )
    .action((options: ServeOptions) => untilInterrupted(() => serve(context, options)))
}

async function serve({ output, signal }: Context, options: ServeOptions): Promise<void> {
  const { endpoint, name, topic = [], shmTopic = [], echo = [], allowIp, robotmqClients = 'all' } = options
  const server = await RMQServer.bind(name, endpoint, {
    robotmqClients,
    ...(allowIp !== undefined && { allowedIps: allowIp }),
    ...serverSecurity(options),
  })
  try {
    for (const { name, ...retention } of topic) server.addTopic(name, retention)
    for (const { name, ...segment } of shmTopic) server.addSharedMemoryTopic(name, segment)
    const added = new Set([...topic, ...shmTopic].map(({ name }) => name))
    for (const name of new Set(echo)) {
      if (!added.has(name)) server.addTopic(name, { messageRemainingTimeS: ECHO_TOPIC_TTL_S })
      server.onRequest(name, async ({ data }) => data)
    }
    // The server answers only after the thread that does has the topics.
    await server.getAllTopicStatus()
    for (const bound of server.endpoints) await output.line(`listening on ${bound}`)
    await Promise.race([server.closed, aborted(signal)])
  } finally {
    await server.close()
  }
}

async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}
