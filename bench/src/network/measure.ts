import { setTimeout as sleep } from 'node:timers/promises'
import { HD, SMALL } from '../benches/sizes.ts'
import type { RoleProcess } from '../role-process.ts'
import type { Asked, Requests } from '../roles/ask.ts'
import type { Followed, Stream } from '../roles/stream.ts'
import { ourSide, pythonSide, type Side } from '../side.ts'
import type { Stage } from '../stage.ts'
import { quantile } from '../statistics.ts'
import type { Condition } from './condition.ts'
import { type Link, openLink } from './link.ts'

/** What came of a stream, or of the requests. */
export interface Figures {
  readonly perSecond: number
  /** Of those that came. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** Records published and not received; of requests none is left unanswered. */
  readonly missed: number
  readonly published: number
}

export type Load = 'camera' | 'joints' | 'requests'
export type Measured = Readonly<Record<Load, Figures>>

const CAMERA_HZ = 30
export const JOINTS_HZ = 500
const PATIENCE_S = 8
const REQUEST: Requests = { topic: 'echo', bytes: 64, seconds: 0, pauseS: 0.02 }

/** The processes of a side: who publishes, who follows what, and who asks. */
interface Cast {
  readonly publisher: RoleProcess
  readonly followers: readonly { readonly client: RoleProcess; readonly topics: readonly string[] }[]
  readonly asker: RoleProcess
}

/** Camera, joints and requests at once over a link. @param python where the original is measured */
export async function measureLoad(
  condition: Condition,
  seconds: number,
  stage: Stage,
  python?: string,
): Promise<Measured> {
  const link = await openLink(condition, stage)
  try {
    const side = (enter: readonly string[]) => (python === undefined ? ourSide(enter) : pythonSide(python, enter))
    const start = python === undefined ? oneOfEach : oneForEach
    const cast = await start(stage, link, side(link.server.enter), side(link.client.enter))
    return await measure(cast, link, seconds, condition.pulledS)
  } finally {
    await stage.close()
    await link.close()
  }
}

/** One server and one client for everything. */
async function oneOfEach(stage: Stage, link: Link, serverSide: Side, clientSide: Side): Promise<Cast> {
  const publisher = await startServer(stage, link, serverSide, { camera: 1, joints: 2, echo: 1 })
  const client = await startClient(stage, publisher, clientSide)
  await client.ask('subscribe', { topics: ['camera'], inPlace: false, policy: 'latest' })
  await client.ask('subscribe', { topics: ['joints'], inPlace: false })
  void publisher.server.ask('serve', { delayS: 0 })
  return { publisher: publisher.server, followers: [{ client, topics: ['camera', 'joints'] }], asker: client }
}

/**
 * The original's clients do one thing at a time, so that each stream gets a process: joints would wait for pictures. Its
 * `wait_for_request` holds up the other threads of its process, so that requests get a server of their own, too.
 */
async function oneForEach(stage: Stage, link: Link, serverSide: Side, clientSide: Side): Promise<Cast> {
  const publisher = await startServer(stage, link, serverSide, { camera: 1, joints: 2 })
  const answerer = await startServer(stage, link, serverSide, { echo: 1 })
  void answerer.server.ask('serve', { delayS: 0 })
  const followers = await Promise.all(
    ['camera', 'joints'].map(async (topic) => {
      const client = await startClient(stage, publisher, clientSide)
      await client.ask('subscribe', { topics: [topic], inPlace: false })
      return { client, topics: [topic] }
    }),
  )
  return { publisher: publisher.server, followers, asker: await startClient(stage, answerer, clientSide) }
}

interface Started {
  readonly server: RoleProcess
  /** For clients. */
  readonly endpoint: string
}

/** @param topics and the seconds that each keeps its records */
async function startServer(
  stage: Stage,
  link: Link,
  side: Side,
  topics: Readonly<Record<string, number>>,
): Promise<Started> {
  const server = stage.start(side, 'server')
  const endpoint = await link.endpoint()
  await server.ask('bind', { endpoint })
  for (const [topic, remainingS] of Object.entries(topics)) await server.ask('addTopic', { topic, remainingS })
  return { server, endpoint: await link.reach(endpoint) }
}

async function startClient(stage: Stage, { endpoint }: Started, side: Side): Promise<RoleProcess> {
  const client = stage.start(side, 'client')
  await client.ask('connect', { endpoint })
  return client
}

async function measure(
  { publisher, followers, asker }: Cast,
  link: Link,
  seconds: number,
  pulledS = 0,
): Promise<Measured> {
  const streams = [
    streamOf('camera', HD.bytes, CAMERA_HZ, seconds),
    streamOf('joints', SMALL.bytes, JOINTS_HZ, seconds),
  ]
  const lasts = (topics: readonly string[]) =>
    Object.fromEntries(
      streams.filter(({ topic }) => topics.includes(topic)).map(({ topic, count }) => [topic, count - 1]),
    )
  const following = followers.map(({ client, topics }) =>
    client.ask<Record<string, Followed>>('follow', { last: lasts(topics), seconds: seconds + PATIENCE_S }),
  )
  const asking = asker.ask<Asked>('ask', { ...REQUEST, seconds })
  const publishing = publisher.ask<Record<string, number[]>>('publish', { streams })
  if (pulledS > 0) {
    await sleep((seconds - pulledS) * 500)
    await link.pull()
    await sleep(pulledS * 1000)
    await link.plug()
  }
  const [stamps, asked, followed] = [
    await publishing,
    await asking,
    Object.assign({}, ...(await Promise.all(following))),
  ]
  if (asked.wrong > 0) throw new Error(`${asked.wrong} requests were answered with another one's reply.`)
  const [camera, joints] = streams.map(({ topic }) => figuresOf(stamps[topic]!, followed[topic], seconds))
  const requests = { ...delays(asked.times), perSecond: asked.times.length / seconds, missed: 0, published: 0 }
  return { camera: camera!, joints: joints!, requests }
}

/** @throws Error where what was received and what was said to be missing is not what was published */
function figuresOf(stamps: readonly number[], { arrivals, lost }: Followed, seconds: number): Figures {
  const missed = stamps.length - arrivals.length
  // Of the original nobody knows what it missed: it tells no losses.
  if (lost !== null && lost !== missed) throw new Error(`${missed} records were missing, and ${lost} told.`)
  const ns = arrivals.map(([id, arrivedNs]) => arrivedNs - stamps[id]!)
  return { ...delays(ns), perSecond: arrivals.length / seconds, missed, published: stamps.length }
}

function delays(ns: readonly number[]): Pick<Figures, 'p50Ms' | 'p99Ms'> {
  if (ns.length === 0) return { p50Ms: Number.NaN, p99Ms: Number.NaN }
  return { p50Ms: quantile(ns, 0.5) / 1e6, p99Ms: quantile(ns, 0.99) / 1e6 }
}

function streamOf(topic: string, bytes: number, hz: number, seconds: number): Stream {
  return { topic, bytes, count: hz * seconds, inPlace: false, gapS: [1 / hz, 1 / hz], catchUp: true }
}
