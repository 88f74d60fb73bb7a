import type { RoleProcess } from '../role-process.ts'
import type { Side } from '../side.ts'
import type { EndpointKind, Stage } from '../stage.ts'

/** A server and a client of the same side, connected. */
export interface Couple {
  readonly server: RoleProcess
  readonly client: RoleProcess
  readonly endpoint: string
}

/** Long enough for what a topic was filled with to stay. */
const KEPT_S = 3600
const RECORDS = 10

export async function connectCouple(stage: Stage, side: Side, kind: EndpointKind): Promise<Couple> {
  const endpoint = await stage.endpoint(kind)
  const server = stage.start(side, 'server')
  await server.ask('bind', { endpoint })
  return { server, client: await connectClient(stage, side, endpoint), endpoint }
}

export async function connectClient(stage: Stage, side: Side, endpoint: string): Promise<RoleProcess> {
  const client = stage.start(side, 'client')
  await client.ask('connect', { endpoint })
  return client
}

/** A topic `frames` that holds the same records on both sides, and proof that the client can read it. */
export async function fillFrames({ server, client }: Couple, bytes: number): Promise<void> {
  await server.ask('addTopic', { topic: 'frames', remainingS: KEPT_S })
  await server.ask('fill', { topic: 'frames', bytes, count: RECORDS })
  const got = await client.ask<number>('peek', { topic: 'frames' })
  if (got !== bytes) throw new Error(`A peek returned ${got} bytes where ${bytes} were put.`)
}
