import { RmqError } from '@rmq/core'
import { loadAddon } from '../native/addon.ts'
import type { QueueFile } from './queue-file.ts'

/** What an operation on a queue ended with. @param byteLength of the item, where one was put */
export function queueError(file: QueueFile, status: number, codecId: string, byteLength = 0): RmqError {
  const { name, native } = file
  const told = (code: RmqError['code'], text: string) => new RmqError(code, `Queue "${name}": ${text}`)
  switch (loadAddon().statusNames[status]) {
    case 'FULL':
      return told('QUEUE_FULL', 'there is no room now. Try again later, or wait with put.')
    case 'EMPTY':
      return told('QUEUE_EMPTY', 'there is nothing in it now. Try again later, or wait with get.')
    case 'TIMED_OUT':
      return told('TIMEOUT', 'the time is over.')
    case 'TOO_LARGE':
      return told(
        'MESSAGE_TOO_LARGE',
        `an item of ${byteLength} bytes is over its limit of ${native.maxRecordBytes}: create it with larger maxItemBytes.`,
      )
    case 'VERSION_MISMATCH':
      return told(
        'VERSION_MISMATCH',
        `the next item was put by another codec than "${codecId}" (the creator's is "${file.codec}"). It stays where it ` +
          'is: open the queue with the codec that it was put by.',
      )
    case 'WRITER_STALLED':
      return told(
        'STALLED',
        `process ${native.stalledPid()} was stopped in the middle of a put and keeps the others waiting. Resume it ` +
          '(kill -CONT), or kill it: then the queue goes on by itself.',
      )
    case 'CLOSED':
      return told('CLOSED', native.isRetired() ? 'it was ended: nothing is put any more.' : 'it was closed here.')
    case 'CORRUPT':
      return told('CORRUPT', 'its memory is damaged: another process wrote where it must not. Unlink it.')
    case 'NO_BUFFER':
      return told('NO_SPACE', 'this process has no memory for the item, which stays where it is.')
    default:
      return told('UNSUPPORTED', `${loadAddon().statusNames[status] ?? `status ${status}`}.`)
  }
}
