import { captureStamp, parseCount, requirePayload } from './arguments.ts'
import type { Command, ReplyTo, RequestKey } from './command.ts'
import type { RequestBroker } from './request-broker.ts'
import type { RequestTable } from './request-table.ts'
import { backgroundTimer } from './timer.ts'
import type { ReferredRecord, ServerTime } from './topic.ts'
import type { TopicRegistry } from './topic-registry.ts'
import type { Peer, Session } from './transport.ts'

/** A retry from a new connection may still be on its way when the old one ends: handlers are told only after this. */
export const CANCEL_GRACE_S = 1

/** A request that runs, and who waits for it. */
interface Execution {
  readonly waiters: Set<EngineSession>
  readonly cancel: () => void
}

export interface SessionContext {
  readonly topics: TopicRegistry
  readonly clock: ServerTime
  readonly table: RequestTable
  readonly broker: RequestBroker
  /** Runs before each command: puts of the server's own that came earlier must be seen by it. */
  readonly beforeCommand: () => void
  /** Requests that run with a key, for retries to join. */
  readonly executions: Map<string, Execution>
}

/** What one client asks, executed against the topics. */
export class EngineSession implements Session {
  readonly #peer: Peer
  readonly #context: SessionContext
  readonly #executions = new Set<Execution>()
  #closed = false

  constructor(peer: Peer, context: SessionContext) {
    this.#peer = peer
    this.#context = context
  }

  async execute<C extends Command>(command: C): Promise<ReplyTo<C>> {
    this.#context.beforeCommand()
    return (await this.#dispatch(command)) as ReplyTo<C>
  }

  async refer({ op, topic, n }: Command & { op: 'peek' | 'pop' }): Promise<{ records: readonly ReferredRecord[] }> {
    this.#context.beforeCommand()
    const store = this.#context.topics.get(topic)
    const count = parseCount(n)
    if (store.refer !== undefined) return { records: store.refer(count, op === 'pop') }
    return { records: op === 'pop' ? store.take(count) : store.read(count) }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#executions.size === 0) return
    backgroundTimer(() => {
      for (const execution of this.#executions) {
        execution.waiters.delete(this)
        if (execution.waiters.size === 0) execution.cancel()
      }
      this.#executions.clear()
    }, CANCEL_GRACE_S)
  }

  async #dispatch(command: Command): Promise<unknown> {
    const { topics, table } = this.#context
    switch (command.op) {
      case 'describe':
        return { description: topics.get(command.topic).description }
      case 'status':
        return { count: topics.find(command.topic)?.count ?? -1 }
      case 'list':
        return { topics: topics.statuses() }
      case 'peek': {
        const store = topics.get(command.topic)
        return { epoch: store.description.epoch, records: store.read(parseCount(command.n)) }
      }
      case 'pop': {
        const pop = async () => {
          const store = topics.get(command.topic)
          return { epoch: store.description.epoch, records: store.take(parseCount(command.n)) }
        }
        if (command.key === undefined) return pop()
        return table.run(command.key, pop, (reply) => reply.records.reduce((sum, { data }) => sum + data.byteLength, 0))
      }
      case 'put': {
        const put = async () => this.#put(command)
        return command.key === undefined ? put() : table.run(command.key, put, () => 0)
      }
      case 'request':
        return this.#request(command)
    }
  }

  #put(command: Command & { op: 'put' }): { epoch: string; sequence: number } {
    const store = this.#context.topics.get(command.topic)
    requirePayload(command.data)
    const stamp = { timestampS: this.#context.clock.nowS(), ...captureStamp(command.captureTimeS) }
    const sequence = store.append(command.data, stamp)
    return { epoch: store.description.epoch, sequence }
  }

  #request(command: Command & { op: 'request' }): Promise<{ data: Uint8Array; timestampS: number }> {
    const { topics, table, executions, clock } = this.#context
    const start = async (name: string | undefined) => {
      topics.get(command.topic)
      requirePayload(command.data)
      const pending = this.#context.broker.submit(command.topic, command.data, this.#peer.client)
      const execution: Execution = { waiters: new Set(), cancel: pending.cancel }
      if (name !== undefined) executions.set(name, execution)
      this.#join(execution)
      try {
        const data = await pending.outcome
        return { data, timestampS: clock.nowS() }
      } finally {
        if (name !== undefined) executions.delete(name)
        for (const waiter of execution.waiters) waiter.#executions.delete(execution)
      }
    }
    if (command.key === undefined) return start(undefined)
    const name = executionName(command.key)
    const running = executions.get(name)
    const outcome = table.run(
      command.key,
      () => start(name),
      (reply) => reply.data.byteLength,
    )
    if (running !== undefined) this.#join(running)
    return outcome
  }

  #join(execution: Execution): void {
    execution.waiters.add(this)
    this.#executions.add(execution)
  }
}

function executionName(key: RequestKey): string {
  return `${key.client} ${key.request}`
}
