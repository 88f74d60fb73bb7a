import { requireTimeout } from '../arguments.ts'
import { RmqError } from '../errors.ts'
import { randomId } from '../random-id.ts'
import type { IncomingRequest } from '../request.ts'
import { backgroundTimer } from '../timer.ts'
import { type Job, JobList, type JobRecord, type PutJobOptions } from './job-list.ts'
import { Ask, decodeAsk, encodeJob, encodeJoined, encodeTold, Told, type WorkerRequest } from './messages.ts'

export interface PipelineOptions {
  /** Jobs that may wait or be worked on at a time; more wait in `put`. @default 10,000 */
  readonly maxJobs?: number
  /** The same in bytes. @default 256 MiB */
  readonly maxBytes?: number
  /**
   * Workers that a job may be given to, the next one when one died with it; then it is abandoned. 1 gives no job twice,
   * Infinity none up. @default 3
   */
  readonly attempts?: number
  /**
   * Seconds of silence after which a worker is given up: its machine is unreachable, it was stopped, or its thread is
   * busy for so long. One that is killed is noticed by the end of its connection, within a second or two. @default 10
   */
  readonly workerTimeoutS?: number
  /** Told of each job that is abandoned. */
  readonly onAbandoned?: (job: AbandonedJob) => void
}

/** A job whose last worker died: whether it was done is not known. */
export interface AbandonedJob {
  readonly id: number
  readonly data: Uint8Array
  /** How many workers it was given to. */
  readonly attempts: number
}

/** What became of all jobs: put = waiting + working + done + failed + abandoned. */
export interface PipelineCounts {
  readonly put: number
  readonly waiting: number
  readonly working: number
  readonly done: number
  /** The handler of their worker threw. */
  readonly failed: number
  readonly abandoned: number
  /** How often a job was given to another worker. */
  readonly again: number
  /** Workers that are there. */
  readonly workers: number
  /** Workers that died, or fell silent. */
  readonly lostWorkers: number
}

interface Worker {
  readonly id: string
  /** What it works on. */
  readonly jobs: Map<number, JobRecord>
  readonly takes: Set<Take>
  answerHold: (answer: Uint8Array) => void
  timer: ReturnType<typeof setTimeout> | undefined
  leaving: boolean
}

/** A worker that waits for a job. */
interface Take {
  readonly worker: Worker
  readonly answer: (answer: Uint8Array) => void
  /** Was there when its worker last told that it is there. */
  old: boolean
}

const MAX_JOBS = 10_000
const MAX_BYTES: number = 256 * 2 ** 20
const ATTEMPTS = 3
const WORKER_TIMEOUT_S = 10
/** Workers of one pipeline; more are refused. */
const MAX_WORKERS = 4096

/**
 * Hands out jobs to workers wherever they are, each to exactly one at a time; a dead worker's job goes to the next, or is
 * abandoned. The jobs are in the memory of this process: they end with it.
 */
export class Pipeline {
  readonly topic: string
  readonly #attempts: number
  readonly #workerTimeoutS: number
  readonly #onAbandoned: (job: AbandonedJob) => void
  readonly #jobs: JobList
  readonly #workers = new Map<string, Worker>()
  /** Those of all workers, the one that waits longest first. */
  readonly #takes = new Set<Take>()
  #working = 0
  #done = 0
  #failed = 0
  #abandoned = 0
  #again = 0
  #lostWorkers = 0
  #closed = false
  readonly #onClose: () => void

  /** Made by `server.addPipeline`. @throws INVALID_ARGUMENT */
  constructor(topic: string, options: PipelineOptions, onClose: () => void) {
    const { maxJobs = MAX_JOBS, maxBytes = MAX_BYTES, attempts = ATTEMPTS, onAbandoned = () => {} } = options
    const { workerTimeoutS = WORKER_TIMEOUT_S } = options
    requireWhole('maxJobs', maxJobs)
    requireWhole('maxBytes', maxBytes)
    if (attempts !== Number.POSITIVE_INFINITY) requireWhole('attempts', attempts)
    requireTimeout(workerTimeoutS, 'workerTimeoutS')
    this.topic = topic
    this.#attempts = attempts
    this.#workerTimeoutS = workerTimeoutS
    this.#onAbandoned = onAbandoned
    this.#onClose = onClose
    this.#jobs = new JobList(topic, { maxJobs, maxBytes }, () => this.#handOut())
  }

  get counts(): PipelineCounts {
    return {
      put: this.#jobs.put,
      waiting: this.#jobs.waiting,
      working: this.#working,
      done: this.#done,
      failed: this.#failed,
      abandoned: this.#abandoned,
      again: this.#again,
      workers: this.#workers.size,
      lostWorkers: this.#lostWorkers,
    }
  }

  /**
   * Adds a job, once there is room for it. `data` is yours again on return.
   * @throws (rejects) TIMEOUT, INVALID_ARGUMENT, MESSAGE_TOO_LARGE, CLOSED, the signal's reason
   */
  put(data: Uint8Array, options: PutJobOptions = {}): Promise<Job> {
    return this.#jobs.addWhenRoom(data, options)
  }

  /** Adds a job at once. @throws QUEUE_FULL, INVALID_ARGUMENT, MESSAGE_TOO_LARGE, CLOSED */
  putNowait(data: Uint8Array): Job {
    return this.#jobs.add(data)
  }

  /** Gives out no more jobs; the results of those that are not done reject with CLOSED. May be called again. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#onClose()
    for (const worker of this.#workers.values()) this.#dismiss(worker)
    this.#jobs.close(new RmqError('CLOSED', `Pipeline "${this.topic}" was closed.`))
  }

  /** Answers a request of a worker. */
  async answer(request: IncomingRequest): Promise<Uint8Array> {
    const ask = decodeAsk(request.data)
    if (ask.kind === Ask.JOIN) return this.#join()
    const worker = this.#workers.get(ask.worker)
    if (worker === undefined) return GIVEN_UP
    switch (ask.kind) {
      case Ask.HOLD:
        return this.#hold(worker, request)
      case Ask.TAKE:
        return this.#take(worker, request)
      case Ask.DONE:
      case Ask.FAILED:
        return this.#settle(worker, ask)
      case Ask.LEAVE:
        worker.leaving = true
        for (const take of worker.takes) this.#answerTake(take, NOTHING)
        return NOTHING
      default:
        throw new RmqError('UNSUPPORTED', `This pipeline does not know what a worker asks with ${ask.kind}.`)
    }
  }

  #join(): Uint8Array {
    if (this.#workers.size >= MAX_WORKERS) {
      throw new RmqError('NO_SPACE', `Pipeline "${this.topic}" has ${MAX_WORKERS} workers already.`)
    }
    const id = randomId()
    const worker: Worker = {
      id,
      jobs: new Map(),
      takes: new Set(),
      answerHold: () => {},
      timer: undefined,
      leaving: false,
    }
    this.#workers.set(id, worker)
    this.#watch(worker)
    return encodeJoined(id, this.#workerTimeoutS)
  }

  /** The worker is there, and its connection's end will tell when it is not. */
  #hold(worker: Worker, request: IncomingRequest): Promise<Uint8Array> {
    this.#watch(worker)
    worker.answerHold(NOTHING)
    // None stays unanswered for long, that its client's other calls are not remembered for as long.
    for (const take of worker.takes) {
      if (take.old) this.#answerTake(take, NOTHING)
      else take.old = true
    }
    return new Promise((resolve) => {
      worker.answerHold = resolve
      const onGone = () => {
        if (worker.answerHold === resolve) this.#lose(worker)
      }
      request.signal.addEventListener('abort', onGone, { once: true })
    })
  }

  #watch(worker: Worker): void {
    clearTimeout(worker.timer)
    // In two steps: when it was this thread that was busy, what the worker told meanwhile is read between them.
    worker.timer = backgroundTimer(() => {
      worker.timer = backgroundTimer(() => this.#lose(worker), this.#workerTimeoutS / 4)
    }, this.#workerTimeoutS * 0.75)
  }

  #take(worker: Worker, request: IncomingRequest): Uint8Array | Promise<Uint8Array> {
    if (worker.leaving) return NOTHING
    const record = this.#jobs.next()
    if (record !== undefined) return this.#give(worker, record)
    return new Promise((resolve) => {
      const take: Take = { worker, answer: resolve, old: false }
      worker.takes.add(take)
      this.#takes.add(take)
      // Nobody waits for it any more: it must not get a job.
      request.signal.addEventListener('abort', () => this.#answerTake(take, NOTHING), { once: true })
    })
  }

  #handOut(): void {
    for (const take of this.#takes) {
      const record = this.#jobs.next()
      if (record === undefined) return
      this.#answerTake(take, this.#give(take.worker, record))
    }
  }

  #answerTake(take: Take, answer: Uint8Array): void {
    this.#takes.delete(take)
    take.worker.takes.delete(take)
    take.answer(answer)
  }

  #give(worker: Worker, record: JobRecord): Uint8Array {
    record.attempts += 1
    if (record.attempts > 1) this.#again += 1
    this.#working += 1
    worker.jobs.set(record.job.id, record)
    return encodeJob(record.job.id, record.attempts, record.data)
  }

  #settle(worker: Worker, { kind, job, payload }: WorkerRequest): Uint8Array {
    const record = worker.jobs.get(job)
    if (record === undefined) throw new RmqError('INVALID_ARGUMENT', `Job ${job} is not this worker's.`)
    worker.jobs.delete(job)
    this.#working -= 1
    if (kind === Ask.DONE) {
      this.#done += 1
      record.resolve(payload)
    } else {
      this.#failed += 1
      record.reject(new RmqError('REQUEST_FAILED', new TextDecoder().decode(payload)))
    }
    this.#jobs.settle(record)
    return NOTHING
  }

  /** It died, or left without an outcome for its jobs. */
  #lose(worker: Worker): void {
    if (!this.#workers.has(worker.id)) return
    this.#dismiss(worker)
    if (!worker.leaving || worker.jobs.size > 0) this.#lostWorkers += 1
    this.#working -= worker.jobs.size
    const abandoned: JobRecord[] = []
    for (const record of worker.jobs.values()) {
      if (record.attempts < this.#attempts) this.#jobs.giveAgain(record)
      else abandoned.push(record)
    }
    this.#abandoned += abandoned.length
    for (const record of abandoned) this.#abandon(record)
    this.#handOut()
  }

  #abandon(record: JobRecord): void {
    const { job, data, attempts } = record
    record.reject(
      new RmqError(
        'OUTCOME_UNKNOWN',
        `Job ${job.id} of pipeline "${this.topic}" was abandoned: ${attempts === 1 ? 'its worker' : `${attempts} workers`} ` +
          'died with it. Whether it was done is not known; `attempts` says how often a job is given out.',
      ),
    )
    this.#jobs.settle(record)
    this.#onAbandoned({ id: job.id, data, attempts })
  }

  #dismiss(worker: Worker): void {
    clearTimeout(worker.timer)
    this.#workers.delete(worker.id)
    for (const take of worker.takes) this.#answerTake(take, GIVEN_UP)
    worker.answerHold(GIVEN_UP)
  }
}

const NOTHING = encodeTold(Told.NOTHING)
const GIVEN_UP = encodeTold(Told.GIVEN_UP)

function requireWhole(option: string, value: unknown): void {
  if (Number.isSafeInteger(value) && (value as number) > 0) return
  throw new RmqError('INVALID_ARGUMENT', `\`${option}\` must be a whole number of at least 1, got ${String(value)}.`)
}
