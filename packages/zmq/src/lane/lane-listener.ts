import { Buffer } from 'node:buffer'
import { chmod, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { RmqError, randomId } from '@rmq/core'
import type { ConnectedPeer } from '../server/peer-table.ts'
import { encodeLaneMessage, type LaneInvitation, LaneReader } from './lane-codec.ts'

/** Paths of unix sockets are no longer than this. */
const MOST_PATH_BYTES = 107
/** Bytes that a client may leave unread on its lane; the rest goes over ZeroMQ, which has its own bounds. */
const MOST_UNREAD_BYTES = 1024 * 1024

/** Who does not say soon whose lane it is has no business here. */
const KEY_WITHIN_MS = 5000

/** A client's lane, for answers. */
export interface LaneReply {
  readonly open: boolean
  /** @returns false where the lane does not take the message (now) */
  send(frames: readonly Uint8Array[]): boolean
}

export interface LaneListenerOptions {
  readonly onMessage: (peer: ConnectedPeer, frames: Buffer[]) => void
  readonly onMalformed: () => void
}

/** The server's end of its clients' lanes. */
export class LaneListener {
  readonly #path: string
  readonly #options: LaneListenerOptions
  readonly #server: Server
  readonly #invited = new Map<string, ConnectedPeer>()
  readonly #keys = new Map<ConnectedPeer, string>()
  readonly #sockets = new Map<Socket, ConnectedPeer | undefined>()

  /** @returns undefined where the path would be too long */
  static async open(endpointPath: string, options: LaneListenerOptions): Promise<LaneListener | undefined> {
    const path = `${endpointPath}.lane`
    if (Buffer.byteLength(path) > MOST_PATH_BYTES) return undefined
    // Who binds the endpoint owns what lies beside it: only a dead server can have left this.
    await rm(path, { force: true })
    const listener = new LaneListener(path, options)
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject)
      listener.#server.listen(path, resolve)
    })
    await chmod(path, 0o600)
    return listener
  }

  private constructor(path: string, options: LaneListenerOptions) {
    this.#path = path
    this.#options = options
    this.#server = createServer((socket) => this.#accept(socket))
  }

  /** What a client is told, so that it can open a lane. */
  invite(peer: ConnectedPeer): LaneInvitation {
    let key = this.#keys.get(peer)
    if (key === undefined) {
      key = randomId()
      this.#keys.set(peer, key)
      this.#invited.set(key, peer)
    }
    return { path: this.#path, key }
  }

  /** The client's connection over ZeroMQ has ended, and its lane with it. */
  dismiss(peer: ConnectedPeer): void {
    const key = this.#keys.get(peer)
    if (key === undefined) return
    this.#keys.delete(peer)
    this.#invited.delete(key)
    for (const [socket, owner] of this.#sockets) if (owner === peer) socket.destroy()
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets.keys()) socket.destroy()
  }

  #accept(socket: Socket): void {
    this.#sockets.set(socket, undefined)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    socket.setTimeout(KEY_WITHIN_MS, () => socket.destroy())
    const lane: LaneReply = {
      get open() {
        return !socket.destroyed
      },
      send: (frames) => {
        if (socket.destroyed || socket.writableLength > MOST_UNREAD_BYTES) return false
        const message = encodeLaneMessage(frames)
        if (message === undefined) return false
        socket.write(message)
        return true
      },
    }
    let peer: ConnectedPeer | undefined
    const reader = new LaneReader((frames) => {
      if (peer !== undefined) {
        this.#options.onMessage(peer, frames)
        return
      }
      // The first message is the key.
      peer = this.#invited.get(frames[0]?.toString('latin1') ?? '')
      if (peer === undefined) throw new RmqError('UNAUTHORIZED', 'Nobody was invited with this key.')
      this.#sockets.set(socket, peer)
      peer.lane = lane
      socket.setTimeout(0)
    })
    socket.on('data', (chunk) => {
      try {
        reader.push(chunk)
      } catch {
        this.#options.onMalformed()
        socket.destroy()
      }
    })
  }
}
