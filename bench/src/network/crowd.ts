import { setTimeout as sleep } from 'node:timers/promises'
import { SMALL } from '../benches/sizes.ts'
import type { Followed, Stream } from '../roles/stream.ts'
import { ourSide } from '../side.ts'
import { residentBytes } from '../soak/memory.ts'
import type { Stage } from '../stage.ts'
import { median, quantile } from '../statistics.ts'

export const PROCESSES = 5
export const SUBSCRIBERS = 10
export const CROWD_HZ = 200
const PATIENCE_S = 20
const TOPIC = 'crowd'

/** What a stopped process costs the subscribers of the others, and the server. */
export interface CrowdFigures {
  readonly beforeP99Ms: number
  readonly whileP99Ms: number
  /** The server's resident memory while it was stopped, over what it was before. */
  readonly grownBytes: number
}

/** What each figure is in the middle of several measurements. */
export function medianOf(rounds: readonly CrowdFigures[]): CrowdFigures {
  const middle = (figure: keyof CrowdFigures) => median(rounds.map((round) => round[figure]))
  return { beforeP99Ms: middle('beforeP99Ms'), whileP99Ms: middle('whileP99Ms'), grownBytes: middle('grownBytes') }
}

/** Subscribers in several processes, one of which is stopped halfway. */
export async function measureCrowd(seconds: number, stage: Stage): Promise<CrowdFigures> {
  const endpoint = await stage.endpoint('tcp')
  const server = stage.start(ourSide(), 'server')
  await server.ask('bind', { endpoint })
  await server.ask('addTopic', { topic: TOPIC, remainingS: 2 })
  const crowd = Array.from({ length: PROCESSES }, () => stage.start(ourSide(), 'crowd'))
  await Promise.all(crowd.map((member) => member.ask('join', { endpoint, count: SUBSCRIBERS, topic: TOPIC })))
  const count = CROWD_HZ * seconds
  const gapS = 1 / CROWD_HZ
  const stream: Stream = { topic: TOPIC, bytes: SMALL.bytes, count, inPlace: false, gapS: [gapS, gapS], catchUp: true }
  const following = crowd.map((member) =>
    member.ask<Record<string, Followed>[]>('follow', { last: { [TOPIC]: count - 1 }, seconds: seconds + PATIENCE_S }),
  )
  const publishing = server.ask<Record<string, number[]>>('publish', { streams: [stream] })
  await sleep(seconds * 500)
  const before = residentBytes(server.pid!)
  const stopped = crowd[PROCESSES - 1]!.pid!
  process.kill(stopped, 'SIGSTOP')
  const stamps = (await publishing)[TOPIC]!
  const grownBytes = residentBytes(server.pid!) - before
  process.kill(stopped, 'SIGCONT')
  const all = (await Promise.all(following)).map((members) => members.map((followed) => followed[TOPIC]!))
  for (const { arrivals, lost } of all.flat()) {
    if (arrivals.length + lost! !== count)
      throw new Error(`Of ${count} records ${arrivals.length} came and ${lost} were lost.`)
  }
  const others = all.slice(0, -1).flat()
  // The first second is everybody's start.
  const p99Ms = (from: number, to: number) => {
    const ns = others.flatMap(({ arrivals }) =>
      arrivals.filter(([id]) => id >= from && id < to).map(([id, at]) => at - stamps[id]!),
    )
    return quantile(ns, 0.99) / 1e6
  }
  return { beforeP99Ms: p99Ms(CROWD_HZ, count / 2), whileP99Ms: p99Ms(count / 2, count), grownBytes }
}
