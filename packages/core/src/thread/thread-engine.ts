import { MessageChannel, type MessagePort, type Worker, type WorkerOptions } from 'node:worker_threads'
import type { Command, ReplyTo } from '../command.ts'
import type { Answer, Engine, EngineStart, RequestSink, ServerCounters } from '../engine.ts'
import { errorText, RmqError } from '../errors.ts'
import type { Stamp, TopicDescription } from '../topic.ts'
import { BufferPool } from './buffer-pool.ts'
import { guardExit } from './exit-guard.ts'
import { fileExecArgv } from './file-exec-argv.ts'
import { type FromThread, fromPlainError, type ThreadData, type ToThread } from './messages.ts'
import { PutRing } from './put-ring.ts'
import { SharedState } from './shared-state.ts'
import { bytesInPort, isSmall, worthTransferring } from './transfer.ts'

export interface ThreadEngineOptions {
  /**
   * Starts the composer's worker entry, a file that calls `runServerThread`: a literal
   * `(options) => new Worker(new URL('./entry.js', import.meta.url), options)`, which bundlers understand.
   */
  readonly spawn: (options: WorkerOptions) => Worker
}

const DEFAULT_MAX_BYTES_IN_FLIGHT = 256 * 2 ** 20
/** How long an exiting thread waits for the sockets to be closed. */
const EXIT_WAIT_MS = 1000

interface PendingCall {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/** Runs a server in a thread of its own, so that a busy caller delays no client. */
export class ThreadEngine implements Engine {
  readonly closed: Promise<void>
  readonly #options: ThreadEngineOptions
  readonly #state = new SharedState()
  #ring = new PutRing()
  /** By name, the numbers that the ring calls topics. */
  readonly #topics = new Map<string, number>()
  readonly #calls = new Map<number, PendingCall>()
  readonly #rejected = new Map<string, number>()
  #maxBytesInFlight = DEFAULT_MAX_BYTES_IN_FLIGHT
  #nextCall = 1
  #worker: Worker | undefined
  #control: MessagePort | undefined
  #pool: BufferPool | undefined
  #sink: RequestSink | undefined
  #death: RmqError | undefined
  #closing: Promise<void> | undefined
  #settleClosed: { resolve: () => void; reject: (error: Error) => void } = { resolve: () => {}, reject: () => {} }

  constructor(options: ThreadEngineOptions) {
    this.#options = options
    this.closed = new Promise((resolve, reject) => {
      this.#settleClosed = { resolve, reject }
    })
    // Not looking at `closed` must not end the process.
    this.closed.catch(() => {})
  }

  async start(options: EngineStart, sink: RequestSink): Promise<void> {
    this.#sink = sink
    this.#maxBytesInFlight = options.maxBytesInFlight ?? DEFAULT_MAX_BYTES_IN_FLIGHT
    const control = new MessageChannel()
    const recycle = new MessageChannel()
    const data: ThreadData = {
      start: options,
      control: control.port2,
      recycle: recycle.port2,
      state: this.#state.memory,
      ring: this.#ring.memory,
    }
    this.#control = control.port1
    this.#pool = new BufferPool(recycle.port1, this.#state)
    const worker = this.#options.spawn({
      workerData: data,
      transferList: [control.port2, recycle.port2],
      execArgv: fileExecArgv(process.execArgv),
    })
    this.#worker = worker
    const unguard = guardExit(() => this.#closeNow())
    const ready = new Promise<void>((resolve, reject) => {
      control.port1.on('message', (message: FromThread) => {
        if (message.t === 'ready') resolve()
        else this.#receive(message)
      })
      let cause: unknown
      worker.once('error', (error) => {
        cause = error
      })
      worker.once('exit', (code) => {
        unguard()
        control.port1.close()
        recycle.port1.close()
        const death = this.#end(cause === undefined ? `exit code ${code}` : errorText(cause), cause)
        reject(death)
      })
    })
    // The worker itself keeps the process alive; the port would keep it alive past the worker's end.
    control.port1.unref()
    await ready
  }

  listen(endpoint: string): Promise<string> {
    return this.#call((id) => ({ t: 'listen', id, endpoint }))
  }

  addTopic(description: TopicDescription): void {
    this.#post({ t: 'addTopic', description })
    this.#topics.set(description.name, this.#topics.size)
  }

  put(topic: string, data: Uint8Array, stamp: Stamp): void {
    const { bytesInFlight } = this.#state
    const bytes = bytesInPort(data)
    // A record larger than the limit still passes, alone.
    if (bytesInFlight > 0 && bytesInFlight + bytes > this.#maxBytesInFlight) {
      this.#rejected.set(topic, (this.#rejected.get(topic) ?? 0) + 1)
      throw new RmqError(
        'NO_SPACE',
        `${bytesInFlight} bytes of puts wait for the message thread: put more slowly, or raise maxBytesInFlight.`,
      )
    }
    this.#requireAlive()
    this.#tellRejected()
    this.#state.addBytesInFlight(bytes)
    if (isSmall(data) && this.#putInRing(topic, data, stamp)) return
    const copy = (this.#pool as BufferPool).copy(data)
    this.#post({ t: 'put', topic, data: copy, stamp }, worthTransferring([copy]))
  }

  #putInRing(topic: string, data: Uint8Array, stamp: Stamp): boolean {
    const number = this.#topics.get(topic)
    if (number === undefined) return false
    while (!this.#ring.write(number, data, stamp, this.#state.posted)) {
      const larger = this.#ring.larger()
      if (larger === undefined) return false
      this.#post({ t: 'ring', memory: larger.memory })
      this.#ring = larger
    }
    if (this.#ring.exchangeAsleep(false)) this.#post({ t: 'wake' })
    return true
  }

  execute<C extends Command>(command: C): Promise<ReplyTo<C>> {
    this.#tellRejected()
    return this.#call((id) => ({ t: 'execute', id, command }))
  }

  counters(): Promise<ServerCounters> {
    return this.#call((id) => ({ t: 'counters', id }))
  }

  take(id: number): void {
    this.#postIfAlive({ t: 'take', id })
  }

  answer(id: number, answer: Answer): void {
    if ('data' in answer) {
      // The handler may keep its bytes: the thread gets a copy.
      const data = new Uint8Array(answer.data)
      this.#postIfAlive({ t: 'answer', id, answer: { data } }, worthTransferring([data]))
    } else {
      this.#postIfAlive({ t: 'answer', id, answer })
    }
  }

  resetStartTime(zeroUs: number, epochs: ReadonlyMap<string, string>): void {
    this.#post({ t: 'resetStartTime', zeroUs, epochs })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#worker === undefined) {
      this.#settleClosed.resolve()
      return
    }
    if (this.#death !== undefined) return
    const exited = new Promise<void>((resolve) => this.#worker?.once('exit', () => resolve()))
    this.#postIfAlive({ t: 'close' })
    await exited
  }

  #closeNow(): void {
    this.#postIfAlive({ t: 'close' })
    this.#state.waitClosed(EXIT_WAIT_MS)
  }

  #call<T>(message: (id: number) => ToThread): Promise<T> {
    return new Promise((resolve, reject) => {
      const id = this.#nextCall++
      this.#post(message(id))
      this.#calls.set(id, { resolve: resolve as (value: never) => void, reject })
    })
  }

  #receive(message: Exclude<FromThread, { t: 'ready' }>): void {
    switch (message.t) {
      case 'request':
        this.#sink?.deliver(message.request)
        return
      case 'cancel':
        this.#sink?.cancel(message.id)
        return
      case 'done':
        this.#calls.get(message.id)?.resolve(message.value as never)
        break
      case 'failed':
        this.#calls.get(message.id)?.reject(fromPlainError(message.error))
        break
    }
    this.#calls.delete(message.id)
  }

  #tellRejected(): void {
    for (const [topic, count] of this.#rejected) this.#post({ t: 'rejected', topic, count })
    this.#rejected.clear()
  }

  #end(how: string, cause: unknown): RmqError {
    const closing = this.#closing !== undefined
    const text = closing ? 'The server was closed.' : `The message thread of the server died (${how}).`
    this.#death = new RmqError('CLOSED', text, { cause })
    if (closing) this.#settleClosed.resolve()
    else this.#settleClosed.reject(this.#death)
    for (const { reject } of this.#calls.values()) reject(this.#death)
    this.#calls.clear()
    return this.#death
  }

  #requireAlive(): MessagePort {
    if (this.#control === undefined || this.#death !== undefined) {
      throw this.#death ?? new RmqError('CLOSED', 'The server was not started.')
    }
    return this.#control
  }

  #post(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    this.#requireAlive().postMessage(message, transfer)
    this.#state.addPosted()
  }

  #postIfAlive(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#death === undefined && this.#control !== undefined) this.#post(message, transfer)
  }
}
