import { FRAME_BYTES } from './frame.ts'
import { judgeMemory, type MemoryVerdict } from './memory.ts'
import type { SoakSample } from './watch.ts'

/** The first part of a run, while the topic fills and the heap finds its size. */
const WARM_UP = 0.2

export interface SoakReport {
  readonly gigabytes: number
  readonly seconds: number
  readonly memory: MemoryVerdict | undefined
  readonly last: SoakSample
}

/** @throws Error without samples */
export function reportOn(samples: readonly SoakSample[]): SoakReport {
  const last = samples.at(-1)
  if (last === undefined) throw new Error('The soak took no sample.')
  const warm = samples.filter(({ seconds }) => seconds >= WARM_UP * last.seconds)
  return {
    gigabytes: (last.server.puts * FRAME_BYTES) / 1e9,
    seconds: last.seconds,
    memory: judgeMemory(warm.map(({ residentBytes }) => residentBytes)),
    last,
  }
}

/** Whether nothing went wrong. */
export function isGood({ memory, last }: SoakReport): boolean {
  return memory?.flat !== false && last.reader.torn === 0 && last.reader.backwards === 0
}

export function soakText(report: SoakReport): string {
  const { gigabytes, seconds, memory, last } = report
  const { server, reader } = last
  const lines = [
    `put       ${gigabytes.toFixed(1)} GB in ${seconds.toFixed(0)} s, ${server.puts.toLocaleString('en')} frames`,
    `put       p50 ${us(server.p50Ns)}, p99 ${us(server.p99Ns)}, ${server.refused} tried again for lack of space`,
    `peek      p50 ${us(reader.p50Ns)}, p99 ${us(reader.p99Ns)}, ${reader.peeks.toLocaleString('en')} frames`,
    `peek      ${reader.torn} torn, ${reader.backwards} older than one before`,
  ]
  if (memory === undefined) return [...lines, 'memory    too short a run to tell'].join('\n')
  const { min, median, max, firstThird, lastThird } = memory
  return [
    ...lines,
    `memory    min ${mb(min)}, median ${mb(median)}, max ${mb(max)} after warm-up`,
    `memory    first third ${mb(firstThird)}, last third ${mb(lastThird)}: ${memory.flat ? 'flat' : 'NOT flat'}`,
  ].join('\n')
}

function us(ns: number): string {
  return `${Math.round(ns / 1000).toLocaleString('en')} µs`
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MiB`
}
