import type { ClientSecurity, ServerAccess } from './access.ts'
import type { ClockEstimate } from './clock-estimate.ts'
import type { Command, ReplyTo } from './command.ts'
import type { Feed, FeedRequest, FeedSink, LinkFeedSink } from './feed.ts'
import type { Logger } from './log.ts'
import type { RecordReference, ReferredRecord, ServerTime } from './topic.ts'

/** Who is at the other end of a session. */
export interface Peer {
  /** The name that the client gave, for people to read. */
  readonly client: string
  readonly sameHost: boolean
}

/** One connected client, on the server's side. */
export interface Session {
  /**
   * Payloads in the reply are views of the topic's memory: hold the very objects for as long as they are being sent.
   * @param signal nobody waits for the reply any more: a handler that runs only for it is told so
   */
  execute<C extends Command>(command: C, signal?: CancelSignal): Promise<ReplyTo<C>>
  /** As `execute`, with references instead of payloads where the topic can give them. Each must be released. */
  refer(command: Command & { op: 'peek' | 'pop' }): Promise<{ readonly records: readonly ReferredRecord[] }>
  /**
   * Sends a topic's records as they come, from the next turn of the event loop on. The payloads are as those of replies.
   * @throws TOPIC_NOT_FOUND, NO_SPACE where the client has too many feeds
   */
  follow(request: FeedRequest, sink: FeedSink): Feed
  /** The client went away: its feeds end, and handlers that run only for it are told so after a grace. */
  close(): void
}

/** What a transport serves. */
export interface SessionHost extends ServerTime {
  /** The run of the server, another word after each restart. */
  readonly server: string
  readonly serverName: string
  /** Whom the transport admits, and how much of the server each client may use. */
  readonly access: ServerAccess
  open(peer: Peer): Session
  readonly log: Logger
  /** Counts a message that was not understood. */
  reportMalformed(): void
  /** Counts a reply that its client did not take. */
  reportDropped(): void
  /** Counts a client, or a call, that was not admitted. */
  reportRefused(): void
}

export interface Listener {
  /** As bound: with the port that the system chose where 0 was asked for. */
  readonly endpoint: string
  close(): Promise<void>
}

export interface LinkEvents {
  onConnect?: () => void
  onDisconnect?: () => void
}

/** The part of an `AbortSignal` that links use: a {@link Cancellation} is a lighter one. */
export type CancelSignal = Pick<AbortSignal, 'aborted' | 'reason' | 'addEventListener' | 'removeEventListener'>

export interface CallOptions {
  readonly signal?: CancelSignal
}

/** A client's way to one server. It connects again by itself. */
export interface Link {
  /** What the far side speaks: all of it, or the original robotmq's subset. */
  readonly dialect: 'rmq' | 'robotmq'
  /** The run of the server that was last met. */
  readonly server: string
  /** Resolves while the server is there and has been met; rejects with the signal's reason, or CLOSED. */
  ready(options?: CallOptions): Promise<void>
  /** Sends once. Rejects with the signal's reason when aborted; a reply that comes later is dropped. */
  call<C extends Command>(command: C, options?: CallOptions): Promise<ReplyTo<C>>
  /**
   * Asks once to be sent a topic's records. The payloads are the receiver's own. Resolves when the feed has begun.
   * @throws TOPIC_NOT_FOUND, UNSUPPORTED, NO_SPACE, CLOSED, the signal's reason
   */
  subscribe(request: FeedRequest, sink: LinkFeedSink, options?: CallOptions): Promise<void>
  /** The server's clock now, in seconds, as estimated from its replies. */
  serverNowS(): number
  /** How this estimate came about, and how good it is. */
  clock(): ClockEstimate
  close(): Promise<void>
}

/** A record's bytes in a file of shared memory, as a peer names them. */
export type FileReference = Pick<RecordReference, 'name' | 'totalBytes' | 'start' | 'byteLength'>

/** A file that is there until it is released. */
export interface OfferedFile extends FileReference {
  /** May be called again. */
  release(): void
}

/** Reads and writes the shared memory of an original robotmq server. */
export interface ReferenceExchange {
  /** Whether there is memory of a topic of this name at all: not where the server has another host or `/dev/shm`. */
  holds(topic: string): boolean
  /**
   * Copies a record out of the peer's file.
   * @throws PERMISSION_DENIED, NO_SPACE, MALFORMED_MESSAGE for a reference that leads nowhere
   */
  read(reference: FileReference): Promise<Uint8Array>
  /** Puts bytes where the peer can read them, until released. @throws NO_SPACE */
  offer(data: Uint8Array): OfferedFile
}

export interface ConnectOptions extends LinkEvents {
  /**
   * Seconds after which a connection is given up whose far side has fallen silent, and made again. Where nothing can
   * fall silent it has no meaning. @default 3
   */
  readonly disconnectAfterS?: number
  /** @default payloads that an original robotmq server holds in shared memory are out of reach */
  readonly references?: ReferenceExchange
  /** For people to read in the server's log. */
  readonly clientName: string
  /** @default none: for servers without keys */
  readonly security?: ClientSecurity
  readonly signal?: AbortSignal
}

/** Carries sessions over one kind of wire. */
export interface Transport {
  /** Endpoint schemes without the colon, such as `tcp`. */
  readonly schemes: readonly string[]
  /** @throws INVALID_ARGUMENT for bad syntax, ENDPOINT_IN_USE, PERMISSION_DENIED */
  listen(endpoint: string, host: SessionHost): Promise<Listener>
  /** Resolves once the server has been met. */
  connect(endpoint: string, options: ConnectOptions): Promise<Link>
}
