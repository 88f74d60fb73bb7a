import type { Facts, FolderFacts } from './facts.ts'
import { type Finding, ok, problem, warn } from './finding.ts'

const STICKY_FOR_ALL = 0o1777

/** Whether /dev/shm is there, is memory, and may be used by this user safely. */
export function folderFindings({ folder, user }: Facts): Finding[] {
  if (folder === undefined) {
    return [
      problem(
        'shm',
        'there is no /dev/shm',
        'Mount one: `mkdir -p /dev/shm && mount -t tmpfs -o mode=1777 tmpfs /dev/shm`.',
      ),
    ]
  }
  return [typeFinding(folder), permissionFinding(folder, user)]
}

function typeFinding({ type, readOnly, noexec }: FolderFacts): Finding {
  if (readOnly) return problem('shm', '/dev/shm is mounted read-only', 'Run `mount -o remount,rw /dev/shm`.')
  if (type !== undefined && !['tmpfs', 'ramfs', 'devtmpfs'].includes(type)) {
    return warn(
      'shm',
      `/dev/shm is on ${type}, not on memory: the system writes topics to a disk`,
      'Mount memory there: `mount -t tmpfs -o mode=1777 tmpfs /dev/shm`.',
    )
  }
  return ok('shm', `/dev/shm is ${type ?? 'there'}${noexec ? ', noexec, which does no harm' : ''}`)
}

function permissionFinding({ mode, writable }: FolderFacts, user: number): Finding {
  const bits = mode.toString(8).padStart(4, '0')
  if (!writable) {
    return problem(
      'shm-permissions',
      `user ${user} may not make files in /dev/shm (mode ${bits})`,
      'Run `chmod 1777 /dev/shm`, or start the container without a read-only /dev/shm.',
    )
  }
  if ((mode & 0o002) !== 0 && (mode & STICKY_FOR_ALL) !== STICKY_FOR_ALL) {
    return warn(
      'shm-permissions',
      `/dev/shm has mode ${bits}: every user may remove the memory of every other`,
      'Run `chmod 1777 /dev/shm`.',
    )
  }
  return ok('shm-permissions', `this user may use /dev/shm (mode ${bits})`)
}
