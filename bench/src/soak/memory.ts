import { readFileSync } from 'node:fs'
import { median } from '../statistics.ts'

/** Bytes of a process that are in memory now, all its threads' together. */
export function residentBytes(pid: number): number {
  const kilobytes = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+) kB$/m)?.[1]
  if (kilobytes === undefined) throw new Error(`The memory of process ${pid} cannot be read.`)
  return Number(kilobytes) * 1024
}

export interface MemoryVerdict {
  readonly min: number
  readonly median: number
  readonly max: number
  readonly firstThird: number
  readonly lastThird: number
  readonly flat: boolean
}

const TOLERANCE = 0.1

/**
 * @param samples resident bytes, after warm-up, in time order
 * @returns undefined when there are too few to tell
 */
export function judgeMemory(samples: readonly number[]): MemoryVerdict | undefined {
  const third = Math.floor(samples.length / 3)
  if (third === 0) return undefined
  const [firstThird, lastThird] = [median(samples.slice(0, third)), median(samples.slice(-third))]
  return {
    min: Math.min(...samples),
    median: median(samples),
    max: Math.max(...samples),
    firstThird,
    lastThird,
    flat: Math.abs(lastThird - firstThird) <= TOLERANCE * firstThird,
  }
}
