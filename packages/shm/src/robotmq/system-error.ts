import { constants } from 'node:os'
import type { RmqErrorCode } from '@rmq/core'

const NAMES = new Map(Object.entries(constants.errno).map(([name, errno]) => [errno, name]))

/** The name of a system's error number, such as `EACCES`. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `error ${errno}`
}

/** What the system's refusal of a file means in our codes, where that is clear by itself. */
export function codeOfSystemError(name: string): RmqErrorCode | undefined {
  switch (name) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'PERMISSION_DENIED'
    case 'ENOSPC':
    case 'EDQUOT':
    case 'ENOMEM':
    case 'EMFILE':
    case 'ENFILE':
      return 'NO_SPACE'
    default:
      return undefined
  }
}
