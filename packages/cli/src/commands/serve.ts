import { once } from 'node:events'
import { Command, Option } from 'commander'
import { RMQServer } from 'robotmq'
import type { Context } from '../context.ts'
import { repeated } from '../option-values.ts'
import {
  type SharedMemoryTopicArgument,
  sharedMemoryTopicArgument,
  type TopicArgument,
  topicArgument,
} from '../topic-argument.ts'
import { untilInterrupted } from '../until-interrupted.ts'

interface ServeOptions {
  readonly endpoint: readonly string[]
  readonly name: string
  readonly topic?: readonly TopicArgument[]
  readonly shmTopic?: readonly SharedMemoryTopicArgument[]
  readonly echo?: readonly string[]
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
    .action((options: ServeOptions) => untilInterrupted(() => serve(context, options)))
}

async function serve({ output, signal }: Context, options: ServeOptions): Promise<void> {
  const { endpoint, name, topic = [], shmTopic = [], echo = [] } = options
  const server = await RMQServer.bind(name, endpoint)
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
