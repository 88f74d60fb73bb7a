import { closeSync, constants, existsSync, lstatSync, openSync, readdirSync, unlinkSync } from 'node:fs'
import { loadAddon } from './native/addon.ts'
import { LOCK_TIMEOUT_NS } from './open-segment.ts'
import { isSegmentName, SEGMENT_FOLDER } from './segment-path.ts'

/**
 * Removes this user's segments that nobody holds any more: what servers left behind that were killed. Segments in use
 * and those of the original robotmq stay.
 * @returns how many segments were removed
 */
export function clearSharedMemory(): number {
  const addon = loadAddon()
  let removed = 0
  for (const name of existsSync(SEGMENT_FOLDER) ? readdirSync(SEGMENT_FOLDER) : []) {
    const path = `${SEGMENT_FOLDER}/${name}`
    if (isSegmentName(name)) {
      if (addon.removeSegment(path, { lockTimeoutNs: LOCK_TIMEOUT_NS }) === undefined) removed += 1
    } else if (name.startsWith('rmqbell-') && isDeadBell(path)) unlinkIfThere(path)
  }
  return removed
}

/** A FIFO that nobody reads: its process was killed before any segment knew of it. */
function isDeadBell(path: string): boolean {
  try {
    const { mtimeMs, uid } = lstatSync(path)
    // A bell is made first and opened then: give its owner time.
    if (uid !== process.geteuid?.() || Date.now() - mtimeMs < 10_000) return false
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW))
    return false
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ENXIO'
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Somebody else was faster.
  }
}
