import { constants } from 'node:os'
import { RmqError, type RmqErrorCode } from '@rmq/core'
import { loadAddon } from './native/addon.ts'
import type { NativeFailure, NativeSegment } from './native/addon-types.ts'

const { errno: errnos } = constants

const MAY_NOT_CREATE = 'This user needs the right to write to /dev/shm, and to be a member of the topic’s group.'

/** Whether an addon's answer is a {@link NativeFailure} instead of what was asked for. */
export function isFailure<T extends object>(answer: T | NativeFailure): answer is NativeFailure {
  return 'errno' in answer
}

/**
 * Why a file of shared memory could not be made or opened.
 * @param what it is, at a sentence's beginning
 * @param whenDenied what to do where the system does not permit it. @default for files that are created
 */
export function openError(what: string, failure: NativeFailure, whenDenied: string = MAY_NOT_CREATE): RmqError {
  const [code, text] = describeFailure(failure, whenDenied)
  return new RmqError(code, `${what} cannot be opened: ${text}`)
}

/** What an operation on a topic's records ended with. @param byteLength of the record, where one was put */
export function ringError(topic: string, status: number, segment: NativeSegment, byteLength = 0): RmqError {
  const [code, text] = describeStatus(status, segment, byteLength)
  return new RmqError(code, `Topic "${topic}": ${text}`)
}

const EXHAUSTED: ReadonlySet<number> = new Set([errnos.EMFILE, errnos.ENFILE, errnos.ENOMEM])

type Told = readonly [code: RmqErrorCode, text: string]

function describeFailure(failure: NativeFailure, whenDenied: string): Told {
  const { reason, errno, neededBytes, availableBytes } = failure
  const because = errno === 0 ? reason : `${reason} (errno ${errno})`
  switch (nameOf(failure.status)) {
    case 'NO_SPACE':
      return [
        'NO_SPACE',
        `it needs ${neededBytes} bytes of shared memory and ${availableBytes} are free. Choose a smaller capacity, ` +
          'clear what is left over (clearSharedMemory()), or enlarge /dev/shm: Docker gives a container 64 MB unless ' +
          'started with --shm-size.',
      ]
    case 'PERMISSION_DENIED':
      return ['PERMISSION_DENIED', `permission denied (${because}). ${whenDenied}`]
    case 'NOT_FOUND':
      return ['UNSUPPORTED', 'this system has no /dev/shm. Mount a tmpfs there.']
    case 'VERSION_MISMATCH':
      return [
        'VERSION_MISMATCH',
        `its memory has layout ${failure.foundAbi}, and this @rmq/shm knows layout ${failure.expectedAbi}: install ` +
          'the same version of @rmq/shm on both sides.',
      ]
    case 'PARTICIPANTS_FULL':
      return [
        'NO_SPACE',
        'all its places are taken. Create the topic with more participants: as many as threads and processes attach it.',
      ]
    case 'FOREIGN_SEGMENT':
      // Whom the system permits everything, the ring does not: root too is another user.
      if (reason.startsWith('belongs to another user')) return ['PERMISSION_DENIED', `it ${reason}. ${whenDenied}`]
      return ['CORRUPT', `a file is in its place that @rmq/shm did not make (${reason}). Remove that file.`]
    case 'NOT_A_RING':
    case 'TRUNCATED':
    case 'CORRUPT':
      return ['CORRUPT', `its memory is damaged: ${reason}. Restart its server.`]
    case 'EXISTS':
      return ['TOPIC_EXISTS', 'there is one already. Give each topic of a server a name of its own.']
    case 'INVALID_ARGUMENT':
      return ['INVALID_ARGUMENT', `${because}.`]
    default:
      return EXHAUSTED.has(errno)
        ? ['NO_SPACE', `the system has run out of open files or memory (${because}). See ulimit -n and free.`]
        : ['UNSUPPORTED', `${nameOf(failure.status)}, ${because}.`]
  }
}

function describeStatus(status: number, segment: NativeSegment, byteLength: number): Told {
  switch (nameOf(status)) {
    case 'TOO_LARGE':
      return [
        'MESSAGE_TOO_LARGE',
        `a record of ${byteLength} bytes is over its limit of ${segment.maxRecordBytes} bytes: create it with a larger ` +
          'capacityBytes.',
      ]
    case 'PINNED':
      return [
        'NO_SPACE',
        `no gap of ${byteLength} bytes is left between records that are held in place${holders(segment)}. Release ` +
          'views and loans sooner, or create the topic with a larger capacityBytes.',
      ]
    case 'WRITER_STALLED':
      return [
        'STALLED',
        `process ${segment.stalledPid()} was stopped in the middle of a put and keeps the others waiting. Resume it ` +
          '(kill -CONT), or kill it: then the topic goes on by itself.',
      ]
    case 'LOAN_LIMIT':
      return ['LEASE_LIMIT', 'three loans are open already: commit or discard one of them first.']
    case 'LEASE_LIMIT':
      return [
        'LEASE_LIMIT',
        `too many records are held in place${holders(segment)}: each process and thread may hold 16, all together a ` +
          'quarter of the memory. Release some, or read copies.',
      ]
    case 'STALE_HANDLE':
      return ['CLOSED', 'this loan was already committed or discarded.']
    case 'CLOSED':
      return [
        'CLOSED',
        segment.isRetired()
          ? 'its life has ended: its server was closed, or began a new epoch.'
          : 'it was closed in this process.',
      ]
    case 'CORRUPT':
      return ['CORRUPT', 'its memory is damaged: another process wrote where it must not. Restart its server.']
    case 'INVALID_ARGUMENT':
      return ['INVALID_ARGUMENT', `${byteLength} bytes do not fit the loan.`]
    default:
      return ['UNSUPPORTED', `${nameOf(status)}.`]
  }
}

function nameOf(status: number): string {
  return loadAddon().statusNames[status] ?? `status ${status}`
}

function holders(segment: NativeSegment): string {
  const pids = new Set(
    segment
      .participants()
      .filter(({ leases }) => leases > 0)
      .map(({ pid }) => pid),
  )
  return pids.size === 0 ? '' : `, by process ${[...pids].join(', ')}`
}
