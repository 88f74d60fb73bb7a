import { RmqError } from './errors.ts'

/** Keys with which a server proves who it is and encrypts. Keys are texts of 40 characters (Z85), as `rmq keygen` makes them. */
export interface ServerSecurity {
  /** The server's secret key; excludes `secretKeyFile`. */
  readonly secretKey?: string
  /** A file that holds it, which nobody but its owner may access (0600). */
  readonly secretKeyFile?: string
  /**
   * Public keys of the clients that are admitted.
   * @default with no `clientsFile` either: every client that knows the server's public key
   */
  readonly clients?: readonly string[]
  /** A file with more of them, one a line, or one `.pub` file of `rmq keygen`; others may not write to it. Read at the bind. */
  readonly clientsFile?: string
  /**
   * Which endpoints have keys. `tcp`: those on `ipc://`, which only programs of the same user reach, have none, and serve
   * clients of the original robotmq, which know no keys.
   * @default 'all'
   */
  readonly endpoints?: 'all' | 'tcp'
}

/** Keys of a client, for a server that has some. */
export interface ClientSecurity {
  /** The server's public key: nobody else can answer in its name. Excludes `serverKeyFile`. */
  readonly serverKey?: string
  /** A file that holds it, such as the `.pub` file of `rmq keygen`. */
  readonly serverKeyFile?: string
  /** The client's own secret key; excludes `secretKeyFile`. @default a new one for each connection */
  readonly secretKey?: string
  /** A file that holds it, which nobody but its owner may access (0600). */
  readonly secretKeyFile?: string
}

/** Who may use a server, and how much of it. */
export interface ServerAccess {
  /** @default no keys: whoever reaches an endpoint may use it, and what travels is not encrypted */
  readonly security?: ServerSecurity
  /**
   * Addresses, or networks such as `192.168.1.0/24`, whose clients are admitted on tcp endpoints.
   * @default all
   */
  readonly allowedIps?: readonly string[]
  /** Which endpoints serve clients of the original robotmq. @default 'all' */
  readonly robotmqClients?: 'all' | 'ipc' | 'none'
  /** The largest frame, in bytes: whoever sends a larger one is disconnected. @default 1 GiB */
  readonly maxMessageBytes?: number
  /** Clients that one endpoint serves at a time; more are refused with NO_SPACE. @default 1024 */
  readonly maxClients?: number
  /** Requests of one client that may wait for an answer at a time; more are refused with NO_SPACE. @default 512 */
  readonly maxRequestsPerClient?: number
  /**
   * Bytes that one client may occupy with requests that wait for an answer, as many with replies that it has not read,
   * and as many with what its subscriptions have under way; calls beyond fail with NO_SPACE. A single larger one still passes. @default 1 GiB
   */
  readonly maxBytesPerClient?: number
}

/** How much of a server one client may use. */
export type ClientLimits = Required<
  Pick<ServerAccess, 'maxMessageBytes' | 'maxClients' | 'maxRequestsPerClient' | 'maxBytesPerClient'>
>

/** The limits of a server, with their defaults. @throws INVALID_ARGUMENT */
export function clientLimits(access: ServerAccess): ClientLimits {
  const {
    maxMessageBytes = 2 ** 30,
    maxClients = 1024,
    maxRequestsPerClient = 512,
    maxBytesPerClient = 2 ** 30,
  } = access
  const limits = { maxMessageBytes, maxClients, maxRequestsPerClient, maxBytesPerClient }
  for (const [name, value] of Object.entries(limits)) {
    if (Number.isSafeInteger(value) && value > 0) continue
    throw new RmqError('INVALID_ARGUMENT', `${name} must be a whole number greater than 0, got ${String(value)}.`)
  }
  return limits
}
