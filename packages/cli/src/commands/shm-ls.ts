import { basename } from 'node:path'
import { Command } from 'commander'
import { listSharedMemory, type SharedMemoryFile } from 'robotmq'
import type { Context } from '../context.ts'
import { jsonText } from '../json-text.ts'
import { printableLine } from '../printable.ts'
import type { Column } from '../table.ts'
import { formatBytes, formatCount, formatSeconds } from '../units.ts'
import { userNames } from '../user-names.ts'

const SHOWN_PIDS = 3

const COLUMN_HELP = `
ALIVE: whether a living process holds it, running or stopped, in whatever namespace: the kernel's locks prove it. PIDS are
those processes as they know themselves. SIZE is what it may take. RECORDS are items of a queue; LEASES records that are
held in place. ABI is the version of the memory layout. Doorbells of the living are shown by --json alone.`

export function shmListCommand(context: Context): Command {
  return new Command('ls')
    .summary('show topics and queues in shared memory')
    .description('Shows what @rmq/shm and the original robotmq have in /dev/shm, of all users. Nothing is changed.')
    .addHelpText('after', COLUMN_HELP)
    .option('--json', 'print an array of all files with all that is known of them')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const files = listSharedMemory()
      if (json) return context.output.line(jsonText(files, 2))
      const { formatTable } = await import('../table.ts')
      await context.output.line(formatTable(columns(), files.filter(isWorthALine)))
    })
}

/** Each thread that waits has a bell. */
function isWorthALine({ kind, held }: SharedMemoryFile): boolean {
  return kind !== 'bell' || held === false
}

function columns(): readonly Column<SharedMemoryFile>[] {
  const nameOf = userNames()
  const count = (value: number | undefined) => (value === undefined ? '-' : formatCount(value))
  return [
    { title: 'KIND', cell: ({ kind }) => kind },
    { title: 'NAME', cell: ({ name }) => (name === undefined ? '-' : printableLine(name)) },
    { title: 'OWNER', cell: ({ user }) => printableLine(nameOf(user)) },
    { title: 'ALIVE', cell: ({ held }) => (held === undefined ? '?' : held ? 'yes' : 'no') },
    { title: 'PIDS', cell: pids },
    { title: 'SIZE', align: 'right', cell: ({ bytes }) => formatBytes(bytes) },
    { title: 'RECORDS', align: 'right', cell: ({ segment }) => count(segment?.records) },
    { title: 'LEASES', align: 'right', cell: ({ segment }) => count(segment?.leases) },
    { title: 'AGE', align: 'right', cell: ({ ageS }) => formatSeconds(ageS) },
    { title: 'ABI', align: 'right', cell: ({ segment }) => count(segment?.abi) },
    { title: 'FILE', cell: ({ path }) => printableLine(basename(path)) },
    { title: 'NOTE', cell: ({ note = '' }) => printableLine(note) },
  ]
}

/** Of a file without a list of its holders, the process that made it, where that is alive. */
function pids({ held, creatorPid, segment }: SharedMemoryFile): string {
  const all = segment?.processes?.map(({ pid }) => pid) ?? (held && creatorPid !== undefined ? [creatorPid] : [])
  if (all.length === 0) return '-'
  const shown = all.slice(0, SHOWN_PIDS).join(',')
  return all.length > SHOWN_PIDS ? `${shown},+${all.length - SHOWN_PIDS}` : shown
}
