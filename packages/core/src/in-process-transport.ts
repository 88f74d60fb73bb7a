import { type ClockEstimate, sameHostClock, UNKNOWN_CLOCK } from './clock-estimate.ts'
import type { Command, ReplyTo } from './command.ts'
import { RmqError } from './errors.ts'
import type { Feed, FeedRequest, LinkFeedSink } from './feed.ts'
import { ownRecords } from './message.ts'
import type { CallOptions, ConnectOptions, Link, Listener, Session, SessionHost, Transport } from './transport.ts'

interface Server {
  readonly host: SessionHost
  readonly links: Set<InProcessLink>
}

/** Servers and clients that share this object meet on `inproc://` endpoints: no socket, no thread, one copy. */
export function inProcessTransport(): Transport {
  const servers = new Map<string, Server>()
  return {
    schemes: ['inproc'],
    async listen(endpoint, host) {
      if (servers.has(endpoint)) {
        throw new RmqError(
          'ENDPOINT_IN_USE',
          `A server listens on ${endpoint} already: close it, or choose another name.`,
        )
      }
      const server: Server = { host, links: new Set() }
      servers.set(endpoint, server)
      const listener: Listener = {
        endpoint,
        async close() {
          if (servers.get(endpoint) === server) servers.delete(endpoint)
          for (const link of server.links) link.lose()
        },
      }
      return listener
    },
    async connect(endpoint, options) {
      const link = new InProcessLink(() => servers.get(endpoint), options)
      await link.ready(options.signal === undefined ? {} : { signal: options.signal })
      return link
    },
  }
}

const RETRY_MS = 20

class InProcessLink implements Link {
  readonly dialect = 'rmq'
  readonly #find: () => Server | undefined
  readonly #options: ConnectOptions
  #server: Server | undefined
  #session: Session | undefined
  readonly #feeds = new Map<Feed, LinkFeedSink>()
  #closed = false

  constructor(find: () => Server | undefined, options: ConnectOptions) {
    this.#find = find
    this.#options = options
  }

  get server(): string {
    return this.#server?.host.server ?? ''
  }

  async ready(options: CallOptions = {}): Promise<void> {
    while (this.#session === undefined) {
      if (options.signal?.aborted) throw options.signal.reason
      if (this.#closed) throw new RmqError('CLOSED', 'The connection was closed.')
      const server = this.#find()
      if (server === undefined) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        continue
      }
      this.#server = server
      this.#session = server.host.open({ client: this.#options.clientName, sameHost: true })
      server.links.add(this)
      this.#options.onConnect?.()
    }
  }

  /** What nobody waits for any more still ends, unseen. */
  async call<C extends Command>(command: C, options: CallOptions = {}): Promise<ReplyTo<C>> {
    // As over a wire, a command that finds nobody is lost: whoever waits sends again.
    if (this.#session === undefined) return new Promise(() => {})
    const sent = 'data' in command ? { ...command, data: new Uint8Array(command.data) } : command
    const reply = await this.#session.execute(sent, options.signal)
    if ('records' in reply) return { ...reply, records: ownRecords(reply.records) } as ReplyTo<C>
    if ('data' in reply) return { ...reply, data: new Uint8Array(reply.data) } as ReplyTo<C>
    return reply
  }

  async subscribe(request: FeedRequest, sink: LinkFeedSink, options: CallOptions = {}): Promise<void> {
    await this.ready(options)
    const feed = this.#session!.follow(
      { ...request, large: true },
      {
        push: (batch) => {
          const followed = batch.followed.map(({ record, lost }) => {
            return { record: { ...record, data: new Uint8Array(record.data) }, lost }
          })
          return sink.push({ ...batch, followed })
        },
        end: (reason) => {
          this.#feeds.delete(feed)
          sink.end(reason)
        },
      },
    )
    this.#feeds.set(feed, sink)
    sink.begin({
      epoch: feed.epoch,
      next: feed.next,
      grant: (total) => feed.grant(total),
      close: () => {
        this.#feeds.delete(feed)
        feed.close()
      },
    })
  }

  serverNowS(): number {
    return this.#server?.host.nowS() ?? Number.NaN
  }

  clock(): ClockEstimate {
    return this.#server === undefined ? UNKNOWN_CLOCK : sameHostClock(this.#server.host.zeroS)
  }

  /** The server is gone. */
  lose(): void {
    if (this.#session === undefined) return
    this.#session.close()
    this.#session = undefined
    this.#server = undefined
    this.#options.onDisconnect?.()
    for (const sink of this.#takeFeeds()) sink.end('lost')
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#server?.links.delete(this)
    this.#session?.close()
    this.#session = undefined
    this.#takeFeeds()
  }

  #takeFeeds(): LinkFeedSink[] {
    const sinks = [...this.#feeds.values()]
    this.#feeds.clear()
    return sinks
  }
}
