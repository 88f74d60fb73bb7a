import type { Command, ReplyTo } from './command.ts'
import type { Logger } from './log.ts'
import type { RecordReference, ReferredRecord } from './topic.ts'

/** Who is at the other end of a session. */
export interface Peer {
  /** The name that the client gave, for people to read. */
  readonly client: string
  readonly sameHost: boolean
}

/** One connected client, on the server's side. */
export interface Session {
  /** Payloads in the reply are views of the topic's memory: hold the very objects for as long as they are being sent. */
  execute<C extends Command>(command: C): Promise<ReplyTo<C>>
  /** As `execute`, with references instead of payloads where the topic can give them. Each must be released. */
  refer(command: Command & { op: 'peek' | 'pop' }): Promise<{ readonly records: readonly ReferredRecord[] }>
  /** The client went away: handlers that run only for it are told so after a grace. */
  close(): void
}

/** What a transport serves. */
export interface SessionHost {
  /** The run of the server, another word after each restart. */
  readonly server: string
  readonly serverName: string
  nowS(): number
  open(peer: Peer): Session
  readonly log: Logger
  /** Counts a message that was not understood. */
  reportMalformed(): void
  /** Counts a reply that its client did not take. */
  reportDropped(): void
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
  /** The server's clock now, in seconds, as estimated from its replies. */
  serverNowS(): number
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
  /** @default payloads that an original robotmq server holds in shared memory are out of reach */
  readonly references?: ReferenceExchange
  /** For people to read in the server's log. */
  readonly clientName: string
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
