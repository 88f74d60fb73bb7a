import { requirePayload, requireTimeout } from '../arguments.ts'
import { Deque } from '../deque.ts'
import { RmqError } from '../errors.ts'
import { timerMs } from '../timer.ts'

/** A job that a pipeline was given. */
export interface Job {
  /** Counts the pipeline's jobs from 1. */
  readonly id: number
  /**
   * What the worker's handler answered. Rejects with REQUEST_FAILED and the handler's message when that threw, with
   * OUTCOME_UNKNOWN when the job was abandoned, with CLOSED when the pipeline was closed.
   */
  readonly result: Promise<Uint8Array>
}

export interface PutJobOptions {
  /** Seconds to wait for room. @default Infinity */
  readonly timeoutS?: number
  /** Ends the wait: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** A job as the pipeline carries it. */
export interface JobRecord {
  readonly job: Job
  readonly data: Uint8Array
  /** How many workers it was given to. */
  attempts: number
  resolve(result: Uint8Array): void
  reject(error: RmqError): void
}

interface Putter {
  readonly data: Uint8Array
  readonly admit: (job: Job) => void
  readonly refuse: (error: unknown) => void
}

/** The jobs of a pipeline that no worker has, and the room for more of them. */
export class JobList {
  readonly #topic: string
  readonly #maxJobs: number
  readonly #maxBytes: number
  readonly #onAdded: () => void
  /** Those that a worker had, which come first. */
  readonly #again = new Deque<JobRecord>()
  readonly #fresh = new Deque<JobRecord>()
  readonly #putters = new Set<Putter>()
  /** Of those that are not settled: waiting, and worked on. */
  readonly #open = new Set<JobRecord>()
  #openBytes = 0
  #put = 0
  #closed: RmqError | undefined

  /** @param onAdded there is one more to be given out */
  constructor(topic: string, bounds: { readonly maxJobs: number; readonly maxBytes: number }, onAdded: () => void) {
    this.#topic = topic
    this.#maxJobs = bounds.maxJobs
    this.#maxBytes = bounds.maxBytes
    this.#onAdded = onAdded
  }

  /** How many were ever put. */
  get put(): number {
    return this.#put
  }

  get waiting(): number {
    return this.#again.length + this.#fresh.length
  }

  /** @throws QUEUE_FULL, MESSAGE_TOO_LARGE, INVALID_ARGUMENT, CLOSED */
  add(data: Uint8Array): Job {
    this.#check(data)
    if (this.#putters.size > 0 || !this.#hasRoom(data)) {
      throw new RmqError(
        'QUEUE_FULL',
        `${this.#open.size} jobs of ${this.#openBytes} bytes wait or are worked on in pipeline "${this.#topic}": ` +
          'wait for room with put, add workers, or raise maxJobs or maxBytes.',
      )
    }
    return this.#admit(new Uint8Array(data))
  }

  /** Waits for room. First come, first served. @throws (rejects) TIMEOUT, the signal's reason, and what `add` throws */
  async addWhenRoom(data: Uint8Array, { timeoutS = Number.POSITIVE_INFINITY, signal }: PutJobOptions): Promise<Job> {
    if (timeoutS !== 0) requireTimeout(timeoutS)
    signal?.throwIfAborted()
    this.#check(data)
    const own = new Uint8Array(data)
    if (this.#putters.size === 0 && this.#hasRoom(own)) return this.#admit(own)
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        this.#putters.delete(putter)
      }
      const putter: Putter = {
        data: own,
        admit: (job) => {
          leave()
          resolve(job)
        },
        refuse: (error) => {
          leave()
          reject(error)
          // Whoever waited behind it may fit.
          this.#admitPutters()
        },
      }
      const onAbort = () => putter.refuse(signal?.reason)
      const late = () =>
        putter.refuse(
          new RmqError('TIMEOUT', `Pipeline "${this.#topic}" had no room for the job within ${timeoutS} s.`),
        )
      const timer = timeoutS === Number.POSITIVE_INFINITY ? undefined : setTimeout(late, timerMs(timeoutS))
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#putters.add(putter)
    })
  }

  /** The next one for a worker. */
  next(): JobRecord | undefined {
    const queue = this.#again.length > 0 ? this.#again : this.#fresh
    return queue.length > 0 ? queue.popFront() : undefined
  }

  /** Its worker is gone: another one gets it, before the others. */
  giveAgain(record: JobRecord): void {
    this.#again.pushBack(record)
  }

  /** It has an outcome: there is room again. */
  settle(record: JobRecord): void {
    if (!this.#open.delete(record)) return
    this.#openBytes -= record.data.byteLength
    this.#admitPutters()
  }

  close(error: RmqError): void {
    this.#closed = error
    for (const { refuse } of [...this.#putters]) refuse(error)
    for (const { reject } of this.#open) reject(error)
  }

  #check(data: Uint8Array): void {
    if (this.#closed !== undefined) throw this.#closed
    requirePayload(data)
    if (data.byteLength <= this.#maxBytes) return
    throw new RmqError(
      'MESSAGE_TOO_LARGE',
      `A job of ${data.byteLength} bytes is over the limit of pipeline "${this.#topic}", ${this.#maxBytes} bytes: raise its maxBytes.`,
    )
  }

  #hasRoom(data: Uint8Array): boolean {
    return this.#open.size < this.#maxJobs && this.#openBytes + data.byteLength <= this.#maxBytes
  }

  #admitPutters(): void {
    if (this.#closed !== undefined) return
    for (const putter of this.#putters) {
      if (!this.#hasRoom(putter.data)) return
      putter.admit(this.#admit(putter.data))
    }
  }

  #admit(data: Uint8Array): Job {
    let resolve: (result: Uint8Array) => void = () => {}
    let reject: (error: RmqError) => void = () => {}
    const result = new Promise<Uint8Array>((res, rej) => {
      resolve = res
      reject = rej
    })
    // Whoever does not want it finds the outcome in the counts.
    result.catch(() => {})
    const record: JobRecord = { job: { id: ++this.#put, result }, data, attempts: 0, resolve, reject }
    this.#open.add(record)
    this.#openBytes += data.byteLength
    this.#fresh.pushBack(record)
    this.#onAdded()
    return record.job
  }
}
