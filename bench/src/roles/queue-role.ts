import { SharedQueue } from 'robotmq'
import type { Plan } from '../plan.ts'
import { monotonicNs } from './clock.ts'
import { payloadOf } from './payload.ts'
import type { Role } from './role.ts'

/** One end of a queue. Its twin is python/queue_role.py. */
export function queueRole(): Role {
  let queue: SharedQueue | undefined
  const opened = () => {
    if (queue === undefined) throw new Error('the queue is not open')
    return queue
  }
  return {
    close: async () => queue?.close(),
    handlers: {
      open: async ({ name, capacity, bytes }: { name: string; capacity: number; bytes: number }) => {
        queue = SharedQueue.openOrCreate(name, { capacity, maxItemBytes: bytes, unlinkWhenLast: true })
      },
      putAll: ({ count, bytes, batch }: { count: number; bytes: number; batch: number }) =>
        putAll(opened(), count, bytes, batch),
      takeAll: ({ count, batch }: { count: number; batch: number }) => takeAll(opened(), count, batch),
      putPaced: ({ count, bytes, gapS }: { count: number; bytes: number; gapS: readonly [number, number] }) =>
        putPaced(opened(), count, bytes, gapS),
      takeTimed: ({ count, awaiting }: { count: number; awaiting: boolean }) => takeTimed(opened(), count, awaiting),
      measureAlone: ({ bytes, batch, plan }: { bytes: number; batch: number; plan: Plan }) =>
        putAlone(opened(), bytes, batch, plan),
      wait: ({ seconds, awaiting }: { seconds: number; awaiting: boolean }) => wait(opened(), seconds, awaiting),
    },
  }
}

/** Puts items as fast as there is room for them. @returns when it began, ns */
async function putAll(queue: SharedQueue, count: number, bytes: number, batch: number): Promise<number> {
  const item = payloadOf(bytes)
  const items = Array.from({ length: batch }, () => item)
  const began = monotonicNs()
  for (let put = 0; put < count; put += batch) {
    if (batch === 1) queue.putSync(item)
    else await queue.putBatch(items)
  }
  return began
}

/** @returns when it had the last, ns */
async function takeAll(queue: SharedQueue, count: number, batch: number): Promise<number> {
  for (let taken = 0; taken < count; ) {
    if (batch === 1) {
      queue.getSync()
      taken++
    } else {
      taken += (await queue.getBatch(batch)).length
    }
  }
  return monotonicNs()
}

/** With gaps, so that the other side waits for each. @returns when each was put, ns */
function putPaced(queue: SharedQueue, count: number, bytes: number, gapS: readonly [number, number]): number[] {
  const item = payloadOf(bytes)
  const stamps: number[] = []
  for (let i = 0; i < count; i++) {
    sleepS(gapS[0] + (gapS[1] - gapS[0]) * ((i * 0.618033988749895) % 1))
    stamps.push(monotonicNs())
    queue.putSync(item)
  }
  return stamps
}

/** @returns when each was there, ns */
async function takeTimed(queue: SharedQueue, count: number, awaiting: boolean): Promise<number[]> {
  const arrivals: number[] = []
  while (arrivals.length < count) {
    if (awaiting) await queue.get()
    else queue.getSync()
    arrivals.push(monotonicNs())
  }
  return arrivals
}

/** Nobody takes meanwhile. @returns ns an item */
function putAlone(queue: SharedQueue, bytes: number, batch: number, { warmUp, count }: Plan): number[] {
  const item = payloadOf(bytes)
  const items = Array.from({ length: batch }, () => item)
  const samples: number[] = []
  for (let i = 0; i < warmUp.count + count; i++) {
    const began = process.hrtime.bigint()
    if (batch === 1) for (let k = 0; k < 100; k++) queue.putNowait(item)
    else queue.putBatchNowait(items)
    const ended = process.hrtime.bigint()
    if (i >= warmUp.count) samples.push(Number(ended - began) / Math.max(batch, 100))
    while (queue.getBatchNowait(100).length > 0);
  }
  return samples
}

/** For an item that does not come. */
async function wait(queue: SharedQueue, seconds: number, awaiting: boolean): Promise<void> {
  try {
    if (awaiting) await queue.get({ timeoutS: seconds })
    else queue.getSync({ timeoutS: seconds })
  } catch {
    // It was not to come.
  }
}

function sleepS(seconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000)
}
