import type { RequestKey } from './command.ts'
import { RmqError } from './errors.ts'

export interface RequestTableOptions {
  /** The server's run: keys of another run are refused. */
  readonly server: string
  /** Seconds on a steady clock. */
  readonly nowS: () => number
  /** How long a reply is kept for retries. @default 30 */
  readonly replyKeepS?: number
  /** How many bytes of replies are kept together. @default 64 MiB */
  readonly replyKeepBytes?: number
  /** Clients remembered; the one that was silent longest is forgotten first. @default 10,000 */
  readonly maxClients?: number
  /** Calls of one client that may be unsettled at a time. @default 4096 */
  readonly maxCallsPerClient?: number
}

interface Call {
  /** Absent once the reply was dropped: the call ran, and what it answered is no longer known. */
  outcome: Promise<unknown> | undefined
  settledAtS: number
  bytes: number
}

interface Client {
  floor: number
  readonly calls: Map<number, Call>
}

/**
 * Runs each call once however often it arrives: a retry of a running call waits for the same reply, a retry of a
 * finished one gets the kept reply, and one that can no longer be told from a new call is refused, never run again.
 */
export class RequestTable {
  readonly #options: Required<RequestTableOptions>
  readonly #clients = new Map<string, Client>()
  /** Settled calls whose reply is kept, in the order of settling. */
  readonly #kept = new Set<Call>()
  #keptBytes = 0

  constructor(options: RequestTableOptions) {
    this.#options = {
      replyKeepS: 30,
      replyKeepBytes: 64 * 2 ** 20,
      maxClients: 10_000,
      maxCallsPerClient: 4096,
      ...options,
    }
  }

  /**
   * @param work runs at most once per key
   * @param sizeOf bytes that keeping the reply costs
   * @throws OUTCOME_UNKNOWN for a retry that came too late, NO_SPACE where the client has too many calls pending
   */
  run<T>(key: RequestKey, work: () => Promise<T>, sizeOf: (reply: T) => number): Promise<T> {
    if (key.server !== this.#options.server) {
      throw new RmqError(
        'OUTCOME_UNKNOWN',
        'The server was restarted after this call was first sent: whether the earlier run executed it is not known.',
      )
    }
    this.#dropOldReplies()
    const client = this.#client(key)
    const known = client.calls.get(key.request)
    if (known !== undefined) {
      if (known.outcome !== undefined) return known.outcome as Promise<T>
      throw tooLate('its reply is no longer kept')
    }
    if (key.request < client.floor) throw tooLate('the client had moved on')
    if (client.calls.size >= this.#options.maxCallsPerClient) {
      throw new RmqError('NO_SPACE', `More than ${this.#options.maxCallsPerClient} calls of one client are pending.`)
    }
    const call: Call = { outcome: work(), settledAtS: Number.POSITIVE_INFINITY, bytes: 0 }
    client.calls.set(key.request, call)
    const outcome = call.outcome as Promise<T>
    outcome.then(
      (reply) => this.#keep(client, key.request, call, sizeOf(reply)),
      () => this.#keep(client, key.request, call, 0),
    )
    return outcome
  }

  #client(key: RequestKey): Client {
    let client = this.#clients.get(key.client)
    // Insertion order is the order of last use.
    if (client !== undefined) this.#clients.delete(key.client)
    else client = { floor: 0, calls: new Map() }
    this.#clients.set(key.client, client)
    if (this.#clients.size > this.#options.maxClients) this.#forgetOldestIdle()
    if (key.floor > client.floor) {
      client.floor = key.floor
      for (const [request, call] of client.calls) {
        if (request >= key.floor) continue
        this.#drop(call)
        // A call that still runs stays known until it ends: its reply is then not kept.
        client.calls.delete(request)
      }
    }
    return client
  }

  #keep(client: Client, request: number, call: Call, bytes: number): void {
    if (client.calls.get(request) !== call) return
    call.settledAtS = this.#options.nowS()
    call.bytes = bytes
    this.#kept.add(call)
    this.#keptBytes += bytes
    this.#dropOldReplies()
  }

  #dropOldReplies(): void {
    const horizonS = this.#options.nowS() - this.#options.replyKeepS
    for (const call of this.#kept) {
      if (call.settledAtS > horizonS && this.#keptBytes <= this.#options.replyKeepBytes) break
      this.#drop(call)
    }
  }

  #drop(call: Call): void {
    call.outcome = undefined
    if (this.#kept.delete(call)) this.#keptBytes -= call.bytes
  }

  #forgetOldestIdle(): void {
    for (const [name, client] of this.#clients) {
      const running = [...client.calls.values()].some((call) => call.settledAtS === Number.POSITIVE_INFINITY)
      if (running) continue
      for (const call of client.calls.values()) this.#drop(call)
      this.#clients.delete(name)
      return
    }
  }
}

function tooLate(why: string): RmqError {
  return new RmqError('OUTCOME_UNKNOWN', `A retry came too late (${why}): the call is not run a second time.`)
}
