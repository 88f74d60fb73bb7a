import type { Buffer } from 'node:buffer'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { Context, Reply } from 'zeromq'
import { errorCode } from '../zmq-error.ts'

/** Who asks to be admitted. */
export interface ZapQuestion {
  /** The client's address; empty on ipc. */
  readonly address: string
  /** The client's public key, proven to be its own; undefined where the socket has no keys. */
  readonly publicKey: Buffer | undefined
}

/** ZeroMQ asks here whether it may finish a handshake (RFC 27). Only sockets of the same context can. */
const ZAP_ENDPOINT = 'inproc://zeromq.zap.01'
const VERSION = '1.0'
const BIND_AGAIN_MS = 2
/** The client is told, and does not try again by itself. */
const REFUSED = '400'
/**
 * The connection just ends. Where a client without keys is told, its socket loses the connection for good, and the next
 * send of an original robotmq client then blocks for ever.
 */
const CLOSED = '300'

/**
 * A context has one place where its sockets ask. The one that everything in the process shares may be somebody else's
 * already, also another thread's: guarded sockets have one of their own, in each thread.
 */
let context: Context | undefined
let handler: ZapHandler | undefined

/** A socket's place with the handler. */
export interface ZapDomain {
  /** For the socket to be made in. */
  readonly context: Context
  /** For its `zapDomain`. */
  readonly domain: string
  /** To be called once the socket is closed. */
  release(): void
}

/** Lets `admits` decide who may connect to a socket, which must be made with what this returns. */
export async function openZapDomain(admits: (question: ZapQuestion) => boolean): Promise<ZapDomain> {
  context ??= new Context()
  handler ??= new ZapHandler(context)
  const own = handler
  const domain = own.add(admits)
  const release = () => {
    own.remove(domain)
    if (!own.idle) return
    own.close()
    if (handler === own) handler = undefined
  }
  try {
    await own.bound
  } catch (thrown) {
    release()
    throw thrown
  }
  return { context, domain, release }
}

class ZapHandler {
  readonly #socket: Reply
  readonly #domains = new Map<string, (question: ZapQuestion) => boolean>()
  #nextDomain = 1

  /** Resolves once questions come here. */
  readonly bound: Promise<void>

  constructor(context: Context) {
    this.#socket = new Reply({ context, linger: 0 })
    this.bound = this.#bind()
  }

  get idle(): boolean {
    return this.#domains.size === 0
  }

  add(admits: (question: ZapQuestion) => boolean): string {
    const domain = `rmq-${this.#nextDomain++}`
    this.#domains.set(domain, admits)
    return domain
  }

  remove(domain: string): void {
    this.#domains.delete(domain)
  }

  close(): void {
    this.#socket.close()
  }

  /** ZeroMQ frees the place of the handler before this one some time after that was closed. */
  async #bind(): Promise<void> {
    for (;;) {
      try {
        this.#socket.bindSync(ZAP_ENDPOINT)
        break
      } catch (thrown) {
        if (errorCode(thrown) !== 'EADDRINUSE') throw thrown
        await sleep(BIND_AGAIN_MS)
      }
    }
    void this.#serve()
  }

  async #serve(): Promise<void> {
    while (!this.#socket.closed) {
      try {
        const answer = this.#answer(await this.#socket.receive())
        await this.#socket.send(answer)
      } catch {
        // Closed meanwhile, or interrupted.
        await nextTurn()
      }
    }
  }

  #answer(frames: readonly Buffer[]): (string | Buffer)[] {
    const [version, request, domain, address, , mechanism, key] = frames
    const admits = this.#domains.get(domain?.toString('latin1') ?? '')
    const publicKey = mechanism?.toString('latin1') === 'CURVE' ? key : undefined
    // An IPv6 address may have a zone behind it.
    const bare = address?.toString('latin1').replace(/%.*/, '') ?? ''
    const admitted = version?.toString('latin1') === VERSION && admits?.({ address: bare, publicKey }) === true
    const verdict = admitted ? ['200', 'OK'] : [publicKey === undefined ? CLOSED : REFUSED, 'Not admitted']
    // Behind them would be a name for the user, and more about them.
    return [VERSION, request ?? '', ...verdict, '', '']
  }
}
