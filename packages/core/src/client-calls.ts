import { requireTimeout } from './arguments.ts'
import type { RequestOptions } from './call-options.ts'
import type { ClientConnection } from './client-connection.ts'
import type { Command, ReplyTo, RequestKey } from './command.ts'
import type { RmqError } from './errors.ts'
import { PendingCalls } from './pending-calls.ts'
import { callWithResend } from './resend.ts'
import { unanswered } from './unanswered.ts'

/** A call that was not answered in time. */
export interface RetriedCall {
  readonly op: string
  readonly topic: string
}

/** A client's calls over its link, each sent again until it is answered, is over or was given up. */
export class ClientCalls {
  readonly #connection: ClientConnection
  readonly #onRetry: (call: RetriedCall) => void
  readonly #pending = new PendingCalls()

  constructor(connection: ClientConnection, onRetry: (call: RetriedCall) => void) {
    this.#connection = connection
    this.#onRetry = onRetry
  }

  /** Calls with a key, so that the server runs the command at most once. */
  async once<C extends Command & { op: 'pop' | 'put' | 'request' }>(
    command: C,
    options: RequestOptions,
    more: () => object = () => NOTHING_MORE,
  ): Promise<ReplyTo<C>> {
    const request = this.#pending.begin()
    const make = (server: string) => ({ ...command, ...more(), key: this.#key(request, server) })
    try {
      return await this.call(command.op, command.topic, make, options)
    } finally {
      this.#pending.end(request)
    }
  }

  async call<C extends Command>(
    op: C['op'],
    topic: string,
    make: (server: string) => C,
    options: RequestOptions,
  ): Promise<ReplyTo<C>> {
    const { link } = this.#connection
    const { timeoutS = 1, deadlineS, signal } = options
    requireTimeout(timeoutS)
    const once = op === 'pop' || op === 'put' || op === 'request'
    // An original server keeps no record of puts and pops: a second one would take effect again.
    const unsafe = () => link.dialect === 'robotmq' && (op === 'pop' || op === 'put')
    const { automaticResend = !unsafe() } = options
    return callWithResend(link, make, {
      timeoutS,
      automaticResend,
      once,
      deadlineS,
      signal,
      onRetry: () => this.#onRetry({ op, topic }),
      watch: (watcher) => this.#pending.watch(watcher),
      unanswered: (why, withinS) => unanswered({ op, topic, withinS, why, once, unsafe: unsafe() }),
    })
  }

  reconnected(): void {
    this.#pending.reconnected()
  }

  disconnected(): void {
    this.#pending.disconnected()
  }

  closed(error: RmqError): void {
    this.#pending.closed(error)
  }

  #key(request: number, server: string): RequestKey {
    return { client: this.#pending.client, request, floor: this.#pending.floor, server }
  }
}

const NOTHING_MORE = {}
