import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { RMQLogLevel, RMQServer, RmqError } from 'robotmq'
import type { Role } from '../roles/role.ts'
import { FRAME_BYTES, stamp } from './frame.ts'
import { Histogram } from './histogram.ts'

/** What the server tells of its work so far. */
export interface ServerProgress {
  readonly puts: number
  /** Puts that found the message thread too far behind and were tried again. */
  readonly refused: number
  readonly p50Ns: number
  readonly p99Ns: number
  readonly done: boolean
}

/** A small topic, so that growth shows; its age limit never applies. */
const TOPIC = { messageRemainingTimeS: 10, maxBytes: 256 * 2 ** 20 }

/** Enough for twice the bytes that may wait for the message thread. */
const BURST_FRAMES = 600

/**
 * Puts without a pause, so that the message thread falls as far behind as it may. Later the machine's other work decides
 * when that happens, and the memory it takes then would look like growth.
 */
function fillBacklog(server: RMQServer): void {
  const frame = new Uint8Array(FRAME_BYTES)
  try {
    for (let i = 0; i < BURST_FRAMES; i++) server.putData('camera', frame)
  } catch (error) {
    if (!isFull(error)) throw error
  }
}

function isFull(error: unknown): boolean {
  return RmqError.isInstance(error) && error.code === 'NO_SPACE'
}

/** Puts frames as fast as the message thread takes them. */
export function soakServerRole(): Role {
  let server: RMQServer | undefined
  const took = new Histogram()
  let refused = 0
  let done = false
  return {
    close: async () => server?.close(),
    handlers: {
      start: async ({ endpoint, frames }: { endpoint: string; frames: number }) => {
        server = await RMQServer.bind('soak', endpoint, { logLevel: RMQLogLevel.OFF })
        server.addTopic('camera', TOPIC)
        fillBacklog(server)
        void put(server, frames)
      },
      progress: (): ServerProgress => ({
        puts: took.total,
        refused,
        p50Ns: took.quantile(0.5),
        p99Ns: took.quantile(0.99),
        done,
      }),
    },
  }

  async function put(to: RMQServer, frames: number): Promise<void> {
    const frame = new Uint8Array(FRAME_BYTES).fill(128)
    const view = new DataView(frame.buffer)
    while (took.total < frames) {
      stamp(view, took.total + 1)
      const started = process.hrtime.bigint()
      try {
        to.putData('camera', frame)
        took.add(Number(process.hrtime.bigint() - started))
        await setImmediate()
      } catch (error) {
        if (!isFull(error)) throw error
        refused++
        await sleep(1)
      }
    }
    done = true
  }
}
