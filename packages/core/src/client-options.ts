import type { ClientSecurity } from './access.ts'
import type { RMQLogLevel } from './log.ts'
import type { SharedTopicHome } from './topic.ts'
import type { ReferenceExchange, Transport } from './transport.ts'

export interface ClientOptions {
  /** Seconds to wait for a server that is not up yet. @default 5 */
  readonly timeoutS?: number
  readonly signal?: AbortSignal
  /**
   * Seconds after which a connection is given up whose far side has fallen silent (a pulled cable, a machine without
   * power): the client tells `disconnect` and connects again. @default 3
   */
  readonly disconnectAfterS?: number
  /** Keys, for a server that has some. @default none */
  readonly security?: ClientSecurity
  /** @default RMQLogLevel.INFO */
  readonly logLevel?: RMQLogLevel
}

/** What a composer gives its clients. */
export interface ClientParts {
  readonly transports: readonly Transport[]
  /** Homes of topics that may be attached. @default none: every topic is asked for over the link */
  readonly homes?: readonly SharedTopicHome[]
  /** @default an original server's topics in shared memory are out of reach */
  readonly references?: ReferenceExchange
}
