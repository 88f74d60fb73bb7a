import type { SharedMemoryFile } from 'robotmq'
import { counted } from '../counted.ts'
import type { Facts } from './facts.ts'
import { type Finding, ok, warn } from './finding.ts'

/** Who can use whose memory: users and groups, umask, pid namespaces. */
export function sharingFindings(facts: Facts): Finding[] {
  return [userFinding(facts), umaskFinding(facts), namespaceFinding(facts)]
}

const topics = (count: number) => counted(count, 'topic or queue', 'topics or queues')
const isSegment = ({ kind }: SharedMemoryFile) => kind === 'topic' || kind === 'queue'

function userFinding({ files, user, groups }: Facts): Finding {
  const closed = files.filter(
    (file) => isSegment(file) && file.user !== user && (file.group === undefined || !groups.includes(file.group)),
  )
  if (closed.length === 0) return ok('users', 'no topic or queue in shared memory is closed to this user')
  const users = [...new Set(closed.map((file) => file.user))].join(', ')
  return warn(
    'users',
    `${topics(closed.length)} of user ${users} cannot be attached by user ${user}${user === 0 ? ', root though it is' : ''}: ` +
      'records of topics come over the connection, slower',
    'Run both programs as the same user, or create them with the option `group`, a group that both users are in.',
  )
}

/** Ours choose their permissions whatever the umask says. */
function umaskFinding({ umask }: Facts): Finding {
  if (umask === undefined || (umask & 0o044) === 0) return ok('umask', 'the umask lets others read what robotmq shares')
  return warn(
    'umask',
    `umask ${umask.toString(8).padStart(4, '0')}: Python robotmq programs of other users cannot read what programs of ` +
      'this one share (topics of @rmq/shm have permissions of their own)',
    'Run `umask 022` before such programs start, or run all as one user.',
  )
}

function namespaceFinding({ files, pidNamespace: { isHosts } }: Facts): Finding {
  const away = files.filter(({ segment }) => segment?.processes?.some(({ here }) => !here)).length
  const shared = away === 0 ? '' : `; held from other ones, which is fine: ${topics(away)}`
  if (isHosts !== false) return ok('pid-namespace', `the host’s own pid namespace${shared}`)
  const python = files.filter(({ kind }) => kind === 'robotmq topic').length
  if (python === 0) return ok('pid-namespace', `a pid namespace of its own, as in a container${shared}`)
  return warn(
    'pid-namespace',
    `a pid namespace of its own, and ${counted(python, 'topic')} of Python robotmq: it names them by process number, so that two ` +
      'containers that share /dev/shm can take each other’s',
    'Give each Python server a name of its own, or run the containers with `--pid=host`.',
  )
}
