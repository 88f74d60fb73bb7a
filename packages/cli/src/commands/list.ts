import { Command } from 'commander'
import type { TopicStatus } from 'robotmq'
import { readWithin } from '../answer-deadline.ts'
import { type ConnectionOptions, timeoutOption, withClient } from '../connection.ts'
import type { Context } from '../context.ts'
import { jsonText } from '../json-text.ts'
import { keyOption, serverKeyOption } from '../key-options.ts'
import { printableLine } from '../printable.ts'
import type { Column } from '../table.ts'
import { formatBytes, formatCount, formatRate, formatSeconds } from '../units.ts'

type ListOptions = ConnectionOptions & { readonly json?: boolean }

const COLUMNS: readonly Column<TopicStatus>[] = [
  { title: 'NAME', cell: ({ topic }) => printableLine(topic) },
  { title: 'KIND', cell: ({ kind }) => printableLine(kind) },
  { title: 'COUNT', align: 'right', cell: ({ count }) => formatCount(count) },
  { title: 'BYTES', align: 'right', cell: ({ bytes }) => formatBytes(bytes) },
  { title: 'RATE', align: 'right', cell: ({ rateHz }) => formatRate(rateHz) },
  {
    title: 'AGE',
    align: 'right',
    cell: ({ newestAgeS }) => (newestAgeS === undefined ? '-' : formatSeconds(newestAgeS)),
  },
  // What left by age or was popped is no loss: that is how topics work.
  { title: 'DROPS', align: 'right', cell: ({ evicted, rejected }) => formatCount(evicted + rejected) },
]

const COLUMN_HELP = `
RATE is over the last seconds, AGE that of the newest record, DROPS the records that a full topic lost before their age
and the puts that were refused. A robotmq server of Python cannot list its topics.`

export function listCommand(context: Context): Command {
  return new Command('list')
    .summary('show the topics of a server')
    .description('Shows the topics of a server, and how they fare.')
    .addHelpText('after', COLUMN_HELP)
    .argument('<E>', "the server's endpoint")
    .option('--json', 'print an array of topics with all their counters')
    .addOption(timeoutOption())
    .addOption(serverKeyOption())
    .addOption(keyOption())
    .action(async (endpoint: string, options: ListOptions) => {
      const topics = await withClient(context, endpoint, options, (client) =>
        readWithin(options, 'list', (call) => client.listTopics(call)),
      )
      const sorted = topics.toSorted((a, b) => (a.topic < b.topic ? -1 : 1))
      if (options.json) return context.output.line(jsonText(sorted, 2))
      // Measuring text takes a while to load, which no other command should pay.
      const { formatTable } = await import('../table.ts')
      await context.output.line(formatTable(COLUMNS, sorted))
    })
}
