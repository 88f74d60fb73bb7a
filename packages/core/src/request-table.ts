import type { RequestKey } from './command.ts'
import { RmqError } from './errors.ts'
import { NumberSet } from './number-set.ts'

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
  /** Calls of one client that may run at a time, and as many replies are kept for it. @default 4096 */
  readonly maxCallsPerClient?: number
}

interface Call {
  readonly client: Client
  readonly request: number
  readonly outcome: Promise<unknown>
  /** Infinity while it runs. */
  settledAtS: number
  bytes: number
}

interface Client {
  floor: number
  /** Those that run, and those whose reply is kept. */
  readonly calls: Map<number, Call>
  /** Those whose reply is kept, in the order of settling. */
  readonly kept: Set<Call>
  /** Those from the floor on that ran, and what they answered is no longer known. */
  readonly gone: NumberSet
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
    if (known !== undefined) return known.outcome as Promise<T>
    if (client.gone.has(key.request)) throw tooLate('its reply is no longer kept')
    if (key.request < client.floor) throw tooLate('the client had moved on')
    const { maxCallsPerClient } = this.#options
    // A client numbers its calls in their order, so each range of those that are gone ends at one that is pending.
    if (client.calls.size - client.kept.size >= maxCallsPerClient || client.gone.ranges > maxCallsPerClient) {
      throw new RmqError('NO_SPACE', `More than ${maxCallsPerClient} calls of one client are pending.`)
    }
    const outcome = work()
    const { request } = key
    const call: Call = { client, request, outcome, settledAtS: Number.POSITIVE_INFINITY, bytes: 0 }
    client.calls.set(request, call)
    outcome.then(
      (reply) => this.#keep(call, sizeOf(reply)),
      () => this.#keep(call, 0),
    )
    return outcome
  }

  #client(key: RequestKey): Client {
    let client = this.#clients.get(key.client)
    // Insertion order is the order of last use.
    if (client !== undefined) this.#clients.delete(key.client)
    else client = { floor: 0, calls: new Map(), kept: new Set(), gone: new NumberSet() }
    this.#clients.set(key.client, client)
    if (this.#clients.size > this.#options.maxClients) this.#forgetOldestIdle()
    if (key.floor > client.floor) {
      client.floor = key.floor
      for (const [request, call] of client.calls) {
        // One that still runs is forgotten too: what it answers is then not kept.
        if (request < key.floor) this.#drop(call)
      }
      client.gone.deleteBelow(key.floor)
    }
    return client
  }

  #keep(call: Call, bytes: number): void {
    const { client } = call
    if (client.calls.get(call.request) !== call) return
    call.settledAtS = this.#options.nowS()
    call.bytes = bytes
    this.#kept.add(call)
    client.kept.add(call)
    this.#keptBytes += bytes
    this.#dropOldReplies()
    // The client's floor does not rise while an early call of it is pending.
    if (client.kept.size > this.#options.maxCallsPerClient) this.#drop(client.kept.values().next().value!)
  }

  #dropOldReplies(): void {
    const horizonS = this.#options.nowS() - this.#options.replyKeepS
    for (const call of this.#kept) {
      if (call.settledAtS > horizonS && this.#keptBytes <= this.#options.replyKeepBytes) break
      this.#drop(call)
    }
  }

  #drop(call: Call): void {
    const { client, request } = call
    client.calls.delete(request)
    client.gone.add(request)
    client.kept.delete(call)
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
