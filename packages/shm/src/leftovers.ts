import { existsSync, lstatSync, readdirSync, unlinkSync } from 'node:fs'
import { hasReader } from './inspect/bell-reader.ts'
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
  const stats = lstatSync(path, { throwIfNoEntry: false })
  // A bell is made first and opened then: give its owner time.
  if (stats === undefined || stats.uid !== process.geteuid?.() || Date.now() - stats.mtimeMs < 10_000) return false
  return hasReader(path) === false
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Somebody else was faster.
  }
}
