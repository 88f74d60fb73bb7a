import type { SharedMemoryFile } from 'robotmq'
import { counted } from '../counted.ts'
import { formatBytes } from '../units.ts'
import type { Facts } from './facts.ts'
import { type Finding, ok, warn } from './finding.ts'

/** What killed processes left, and files that nobody can use. */
export function leftoverFindings({ files, user, support }: Facts): Finding[] {
  if ('missing' in support) return []
  const isPython = ({ path }: SharedMemoryFile) => path.includes('/rmq_')
  // A queue outlives its users.
  const stale = files.filter((file) => file.stale && !(file.kind === 'queue' && file.segment?.records !== 0))
  return [
    staleFinding(
      'stale-segments',
      'of robotmq’s TypeScript programs',
      stale.filter((file) => !isPython(file)),
      user,
    ),
    staleFinding('stale-python', 'of Python robotmq', stale.filter(isPython), user),
    ...brokenFindings(files),
  ]
}

function staleFinding(check: string, whose: string, stale: readonly SharedMemoryFile[], user: number): Finding {
  if (stale.length === 0) return ok(check, `nothing ${whose} is left over in /dev/shm`)
  const bytes = stale.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0)
  const others = [...new Set(stale.map((file) => file.user).filter((other) => other !== user))]
  const remedy =
    others.length === 0
      ? 'Run `rmq shm clean`.'
      : `Run \`rmq shm clean\` as each of the users ${[...new Set(stale.map((file) => file.user))].join(', ')}.`
  const files = counted(stale.length, 'file')
  return warn(check, `${files} ${whose}, ${formatBytes(bytes)}, that nobody holds: left by killed ones`, remedy)
}

function brokenFindings(files: readonly SharedMemoryFile[]): Finding[] {
  const segments = files.filter(({ kind }) => kind === 'topic' || kind === 'queue')
  const versions = segments.filter(({ note }) => note?.startsWith('layout '))
  const broken = segments.filter(({ held, note }) => held === true && note?.startsWith('damaged'))
  return [
    ...versions.map(({ path, note }) =>
      warn('versions', `${path} has ${note}`, 'Install the same version of robotmq in all programs of this host.'),
    ),
    ...broken.map(({ path, note }) =>
      warn('damaged', `${path}, which is in use, is ${note}`, 'Restart the server that made it; see `rmq shm ls`.'),
    ),
  ]
}
