import type { RoleProcess } from '../../role-process.ts'
import { requireSharedMemory } from '../../shared-memory.ts'
import type { Side } from '../../side.ts'
import type { Stage } from '../../stage.ts'
import { type Couple, connectClient } from '../couple.ts'
import { LARGE, type Size, SMALL } from '../sizes.ts'

const MIB = 2 ** 20
/** Long enough for the ring's size to decide what stays. */
const KEPT_S = 3600
/** As many as the smallest ring holds of the largest record. */
const RECORDS = 3

/** Bytes of a topic's ring, on either side. */
export function ringBytes(size: Size): number {
  if (size.bytes <= SMALL.bytes) return MIB
  return size.bytes < LARGE.bytes ? 64 * MIB : 320 * MIB
}

/**
 * A server with the topic `frames` in shared memory.
 * @throws Skip where the rings of `sides` servers do not fit
 */
export async function startSharedServer(
  stage: Stage,
  side: Side,
  size: Size,
  sides = 2,
): Promise<{ server: RoleProcess; endpoint: string }> {
  requireSharedMemory(sides * ringBytes(size))
  const endpoint = await stage.endpoint('ipc')
  const server = stage.start(side, 'server')
  await server.ask('bind', { endpoint })
  await addSharedTopic(server, 'frames', ringBytes(size))
  return { server, endpoint }
}

export async function addSharedTopic(server: RoleProcess, topic: string, capacityBytes: number): Promise<void> {
  await server.ask('addSharedMemoryTopic', { topic, remainingS: KEPT_S, capacityBytes })
}

/** A server and a client, with records to read. */
export async function sharedCouple(stage: Stage, side: Side, size: Size): Promise<Couple> {
  const { server, endpoint } = await startSharedServer(stage, side, size)
  const client = await connectClient(stage, side, endpoint)
  await server.ask('fill', { topic: 'frames', bytes: size.bytes, count: RECORDS })
  const got = await client.ask<number>('peek', { topic: 'frames' })
  if (got !== size.bytes) throw new Error(`A peek returned ${got} bytes where ${size.bytes} were put.`)
  return { server, client, endpoint }
}
