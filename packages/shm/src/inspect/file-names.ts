import { isSegmentName } from '../segment-path.ts'
import type { SharedMemoryKind } from './shared-memory-file.ts'

export const MUTEX = '_mutex'

/** What a name in /dev/shm tells. */
export interface FileName {
  readonly kind: SharedMemoryKind
  /** Of robotmq's own: the process that made it, and what follows. */
  readonly pid?: number
  readonly rest?: string
}

/** @returns undefined for files of others */
export function parseFileName(name: string): FileName | undefined {
  if (isSegmentName(name)) return { kind: 'topic' }
  if (/^rmqq\.[0-9a-f]{32}$/.test(name)) return { kind: 'queue' }
  if (/^rmqbell-[0-9a-f]{32}$/.test(name)) return { kind: 'bell' }
  if (/^\.rmqnew-[0-9a-f]{16}$/.test(name)) return { kind: 'temporary' }
  if (/^rmq\.[0-9a-f]{32}_mutex$/.test(name)) return { kind: 'mutex' }
  // rmq_<user>_<pid>_<server>_<topic>, with any characters in user, server and topic.
  const [, pid, rest] = /^rmq_.*?_(\d+)_(.+)$/.exec(name) ?? []
  if (pid === undefined || rest === undefined) return undefined
  return { kind: kindOfRobotmq(name), pid: Number(pid), rest }
}

function kindOfRobotmq(name: string): SharedMemoryKind {
  if (name.endsWith(MUTEX)) return 'mutex'
  return name.endsWith('_request') ? 'request' : 'robotmq topic'
}
