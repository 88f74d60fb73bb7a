import type { Bench, Row } from '../../bench.ts'
import { sharesOfCpu } from '../../cpu.ts'
import { PERCENT_OF_CPU, RECORDS } from '../../figure.ts'
import type { RoleProcess } from '../../role-process.ts'
import type { Followed, Stream } from '../../roles/stream.ts'
import { requireSharedMemory } from '../../shared-memory.ts'
import type { Side } from '../../side.ts'
import type { Stage } from '../../stage.ts'
import { all, underCpu } from '../../target.ts'
import { connectClient } from '../couple.ts'
import { HD, SMALL } from '../sizes.ts'
import { addSharedTopic } from './topic.ts'

const SECONDS = 6
const SUBSCRIBERS = 4
const PATIENCE_S = 5
const FRAMES: Stream = streamOf('frames', HD.bytes, 30)
const JOINTS: Stream = streamOf('joints', SMALL.bytes, 1000)
const STREAMS = [FRAMES, JOINTS]
/** Two seconds of pictures, and all of the small records: ours keeps one for each KiB. */
const RING_BYTES = { frames: 60 * HD.bytes, joints: 8 * 2 ** 20 }
const PUBLISHED = SUBSCRIBERS * (FRAMES.count + JOINTS.count)

const common = { peerName: 'robotmq, polling', statistic: 'worst' } as const
const work = `${SUBSCRIBERS} subscribers, each of 30 Hz × ${HD.label} and 1 kHz × ${SMALL.label}`
const received: Row = {
  ...common,
  name: 'shm-load',
  title: `${work}: records received in ${SECONDS} s`,
  figure: RECORDS,
  target: all(PUBLISHED),
}
const serverCpu: Row = {
  ...common,
  name: 'shm-load-server-cpu',
  title: "the same: the server's main thread",
  figure: PERCENT_OF_CPU,
  target: underCpu(10),
}
const subscriberCpu: Row = {
  ...serverCpu,
  name: 'shm-load-subscriber-cpu',
  title: "the same: a subscriber's main thread",
}

/** A robot at work: cameras and joints to several processes at once. */
export const loadBench: Bench = {
  ...received,
  also: [serverCpu, subscriberCpu],
  long: true,
  prepare: async (stage, sides) => {
    requireSharedMemory(2 * (RING_BYTES.frames + RING_BYTES.joints))
    const [ours, peer] = [await crowd(stage, sides.ours), await crowd(stage, sides.robotmq)]
    return { ours: () => measure(ours), peer: () => measure(peer) }
  },
}

interface Crowd {
  readonly server: RoleProcess
  readonly subscribers: readonly RoleProcess[]
}

async function crowd(stage: Stage, side: Side): Promise<Crowd> {
  const endpoint = await stage.endpoint('ipc')
  const server = stage.start(side, 'server')
  await server.ask('bind', { endpoint })
  for (const [topic, bytes] of Object.entries(RING_BYTES)) await addSharedTopic(server, topic, bytes)
  const clients = Array.from({ length: SUBSCRIBERS }, () => connectClient(stage, side, endpoint))
  return { server, subscribers: await Promise.all(clients) }
}

async function measure({ server, subscribers }: Crowd): Promise<Record<string, number[]>> {
  const topics = STREAMS.map(({ topic }) => topic)
  await Promise.all(subscribers.map((subscriber) => subscriber.ask('subscribe', { topics, inPlace: true })))
  const pids = [server, ...subscribers].map(({ pid }) => pid!)
  const { result, shares } = await sharesOfCpu(pids, 'main', async () => {
    const last = Object.fromEntries(STREAMS.map(({ topic, count }) => [topic, count - 1]))
    const following = subscribers.map((subscriber) =>
      subscriber.ask<Record<string, Followed>>('follow', { last, seconds: SECONDS + PATIENCE_S }),
    )
    await server.ask('publish', { streams: STREAMS })
    return Promise.all(following)
  })
  return {
    [received.name]: [result.reduce((sum, followed) => sum + countReceived(followed), 0)],
    [serverCpu.name]: shares.slice(0, 1),
    [subscriberCpu.name]: shares.slice(1),
  }
}

/** @throws Error where what was received and what was said to be lost is not what was published */
function countReceived(followed: Record<string, Followed>): number {
  return STREAMS.reduce((sum, { topic, count }) => {
    const { arrivals, lost } = followed[topic]!
    if (lost !== null && arrivals.length + lost !== count) {
      throw new Error(`Of ${count} records of ${topic}, ${arrivals.length} were received and ${lost} lost.`)
    }
    return sum + arrivals.length
  }, 0)
}

function streamOf(topic: string, bytes: number, hz: number): Stream {
  return { topic, bytes, count: hz * SECONDS, inPlace: false, gapS: [1 / hz, 1 / hz], catchUp: true }
}
