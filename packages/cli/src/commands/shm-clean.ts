import { basename } from 'node:path'
import { Command } from 'commander'
import { type CleanReport, cleanSharedMemory, type SharedMemoryFile } from 'robotmq'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { jsonText } from '../json-text.ts'
import { printableLine } from '../printable.ts'
import type { Column } from '../table.ts'
import { formatBytes } from '../units.ts'

interface CleanCommandOptions {
  readonly dryRun?: boolean
  readonly queues?: boolean
  readonly json?: boolean
}

/** One line of the report. */
interface Row {
  readonly what: string
  readonly file: SharedMemoryFile
  readonly why: string
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'WHAT', cell: ({ what }) => what },
  { title: 'KIND', cell: ({ file }) => file.kind },
  { title: 'NAME', cell: ({ file: { name } }) => (name === undefined ? '-' : printableLine(name)) },
  { title: 'BYTES', align: 'right', cell: ({ file }) => formatBytes(file.allocatedBytes) },
  { title: 'FILE', cell: ({ file }) => printableLine(basename(file.path)) },
  { title: 'WHY', cell: ({ why }) => printableLine(why) },
]

const PROOF_HELP = `
Removed is what the kernel says that nobody holds: topics and queues without byte locks, other files, those of Python's
robotmq too, that no process has open. What a stopped process or one in another container holds stays, and so do other
users' files, and queues with items unless --queues is given. Exit code 1: something could not be removed.`

export function shmCleanCommand(context: Context): Command {
  return new Command('clean')
    .summary('remove what killed processes left there')
    .description('Removes what killed processes of this user left in /dev/shm, and tells what it leaves and why.')
    .addHelpText('after', PROOF_HELP)
    .option('--dry-run', 'tell what would be removed, and remove nothing')
    .option('--queues', 'remove queues that nobody has open together with the items that they hold')
    .option('--json', 'print an object with what was removed, what was left and why, and the bytes freed')
    .action((options: CleanCommandOptions) => clean(context, options))
}

async function clean({ output, notice }: Context, options: CleanCommandOptions): Promise<void> {
  const { dryRun = false, queues = false } = options
  const report = cleanSharedMemory({ dryRun, queues })
  if (options.json) {
    await output.line(jsonText({ dryRun, ...report }, 2))
  } else {
    const rows = rowsOf(report, dryRun)
    const { formatTable } = await import('../table.ts')
    if (rows.length > 0) await output.line(formatTable(COLUMNS, rows))
    await output.line(summaryOf(report, dryRun))
  }
  if (report.left.some(({ reason }) => reason === 'holds items')) {
    notice('rmq shm clean --queues removes the queues that nobody has open together with their items.')
  }
  const failed = report.left.filter(({ reason }) => reason === 'failed').length
  if (failed > 0) throw new Error(`${counted(failed, 'file')} could not be removed.`)
}

function rowsOf({ removed, left }: CleanReport, dryRun: boolean): readonly Row[] {
  return [
    ...removed.map((file) => ({ what: dryRun ? 'would remove' : 'removed', file, why: 'nobody holds it' })),
    ...left
      // Each thread that waits has a bell.
      .filter(({ file, reason }) => file.kind !== 'bell' || reason === 'failed')
      .map(({ file, why }) => ({ what: 'left', file, why })),
  ]
}

function summaryOf({ removed, freedBytes }: CleanReport, dryRun: boolean): string {
  if (removed.length === 0) return 'Nothing to remove.'
  return dryRun
    ? `Would remove ${counted(removed.length, 'file')} and free ${formatBytes(freedBytes)}.`
    : `Removed ${counted(removed.length, 'file')}, freed ${formatBytes(freedBytes)}.`
}
