import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'
import { encodeLaneMessage, type LaneInvitation, LaneReader } from './lane-codec.ts'

export interface LaneEvents {
  readonly onMessage: (frames: Buffer[]) => void
  readonly onClose: () => void
}

/**
 * A client's way to a server on the same host for small messages, beside its ZeroMQ connection: a plain socket, on
 * which a message wakes one thread where ZeroMQ wakes three. What it does not take goes over ZeroMQ.
 */
export class Lane {
  readonly #socket: Socket
  #open = false

  constructor({ path, key }: LaneInvitation, { onMessage, onClose }: LaneEvents) {
    this.#socket = connect(path, () => {
      this.#socket.write(encodeLaneMessage([Buffer.from(key, 'latin1')])!)
      this.#open = true
    })
    const reader = new LaneReader(onMessage)
    this.#socket.on('data', (chunk) => {
      try {
        reader.push(chunk)
      } catch {
        this.close()
      }
    })
    this.#socket.on('error', () => {})
    this.#socket.once('close', () => {
      this.#open = false
      onClose()
    })
  }

  /** @returns false where the message has to go over ZeroMQ */
  send(frames: readonly Uint8Array[]): boolean {
    // What the server has not taken in yet waits in this process: it may as well wait with ZeroMQ.
    if (!this.#open || this.#socket.writableLength > 0) return false
    const message = encodeLaneMessage(frames)
    if (message === undefined) return false
    this.#socket.write(message)
    return true
  }

  close(): void {
    this.#open = false
    this.#socket.destroy()
  }
}
