import { RmqError } from '@rmq/core'
import { loadAddon } from '../native/addon.ts'
import { codeOfSystemError, errnoName } from './system-error.ts'

/**
 * Makes the file `<segmentPath>_mutex`, without which clients of the original robotmq do not read from a segment. It
 * excludes nobody, so that no client, stopped or killed, ever keeps another one waiting: leases protect the bytes.
 * It has its name once it is complete, and takes the place of an older one.
 * @param group numerical id of a group whose users may read as well
 * @throws PERMISSION_DENIED, NO_SPACE, UNSUPPORTED
 */
export function createLegacyMutex(segmentPath: string, group: number | undefined): void {
  const errno = loadAddon().createLegacyMutex(segmentPath, group)
  if (errno === 0) return
  const error = errnoName(errno)
  if (error === 'EOPNOTSUPP') {
    throw new RmqError(
      'UNSUPPORTED',
      'this system, an emulated one perhaps, has no robust mutexes, which Python clients need to read in place: ' +
        'give the topic `byReference: false`.',
    )
  }
  throw new RmqError(codeOfSystemError(error) ?? 'UNSUPPORTED', `"${segmentPath}_mutex" cannot be made: ${error}.`)
}
