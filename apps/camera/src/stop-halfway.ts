import { setTimeout } from 'node:timers/promises'
import { writeReport } from '@rmq/app-kit'
import { type RMQServer, serialize } from 'robotmq'
import type { FrameMessage } from './frame-message.ts'

const CHUNK = 4096
const PAUSE_MS = 1

/**
 * A put that never ends: half of the message goes into the topic's memory, then the rest, bit by bit and over and over,
 * until the signal aborts or, as is the purpose, somebody kills the process.
 */
export async function stopHalfway(
  server: RMQServer,
  topic: string,
  message: FrameMessage,
  signal: AbortSignal,
): Promise<never> {
  const payload = serialize(message)
  const { byteLength } = payload
  const loan = server.loan(topic, byteLength)
  try {
    const half = byteLength >> 1
    loan.bytes.set(payload.subarray(0, half))
    writeReport({ unfinished: message.frameId, written: half, byteLength })
    for (let at = half; ; at = at + CHUNK < byteLength ? at + CHUNK : half) {
      loan.bytes.set(payload.subarray(at, at + CHUNK), at)
      await setTimeout(PAUSE_MS, undefined, { signal })
    }
  } finally {
    loan.discard()
  }
}
