import type { Buffer } from 'node:buffer'
import { onTestFinished } from 'vitest'
import { Dealer } from 'zeromq'

export interface RawClient {
  send(frames: (Uint8Array | string)[]): void
  /** The next message; undefined where none comes in time. */
  receive(timeoutMs?: number): Promise<Buffer[] | undefined>
  close(): void
}

/** A socket that sends whatever frames a test wants. */
export function rawClient(endpoint: string): RawClient {
  const socket = new Dealer({ linger: 100, sendTimeout: -1 })
  socket.connect(endpoint)
  const close = () => socket.close()
  onTestFinished(close)
  let sending: Promise<void> = Promise.resolve()
  return {
    send: (frames) => {
      sending = sending.then(() => socket.send(frames as Buffer[])).catch(() => {})
    },
    receive: async (timeoutMs = 2000) => {
      socket.receiveTimeout = timeoutMs
      try {
        return await socket.receive()
      } catch {
        return undefined
      }
    },
    close,
  }
}

/** Sends one robotmq frame as a REQ socket does and returns the frame of the answer. */
export async function exchange(client: RawClient, frame: Uint8Array): Promise<Buffer> {
  client.send(['', frame])
  const reply = await client.receive(10_000)
  if (reply === undefined) throw new Error('no answer')
  return reply.at(-1)!
}
