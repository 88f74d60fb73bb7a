import { closeSync, constants, openSync } from 'node:fs'

/**
 * Whether any process, in whatever namespace, has a bell open for reading: its owner has, from soon after it was made
 * until it ends.
 * @returns undefined where this user may not ring it
 */
export function hasReader(path: string): boolean | undefined {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW))
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ENXIO' ? false : undefined
  }
}
