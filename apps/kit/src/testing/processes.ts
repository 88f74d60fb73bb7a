import { readdirSync, readFileSync } from 'node:fs'

export interface FoundProcess {
  readonly pid: number
  /** Its arguments, separated by spaces. */
  readonly command: string
}

/** The live processes that have this text in their environment: all that descend from one that was started with it. */
export function processesWith(text: string): readonly FoundProcess[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    try {
      if (!readFileSync(`/proc/${entry}/environ`, 'latin1').includes(text)) return []
      const command = readFileSync(`/proc/${entry}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()
      // A process that ended and was not yet waited for has no command line any more.
      return command === '' ? [] : [{ pid: Number(entry), command }]
    } catch {
      return [] // Ended meanwhile, or another user's.
    }
  })
}
