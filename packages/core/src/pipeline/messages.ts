import { RmqError } from '../errors.ts'

/**
 * What workers ask of a pipeline, as requests on its topic. Numbers are little-endian, and payloads begin at a multiple of
 * eight bytes, for arrays in them.
 *
 *     request  kind u8, 7 of 0 | job f64 | worker, 32 characters | payload      JOIN ends after its kind
 *     JOINED   kind u8, 7 of 0 | timeoutS f64 | worker, 32 characters
 *     JOB      kind u8, 7 of 0 | job f64 | attempt f64 | payload
 *     others   kind u8
 */
export const Ask = {
  /** Begins to work. Answered with JOINED. */
  JOIN: 1,
  /** I am here. Answered by the next one: the connection's end withdraws the one that is pending. */
  HOLD: 2,
  /** Give me a job. Answered with JOB, or with NOTHING: ask again. */
  TAKE: 3,
  /** The result of a job. */
  DONE: 4,
  /** The job failed, for this reason. */
  FAILED: 5,
  /** I take no more jobs. */
  LEAVE: 6,
} as const

export const Told = {
  JOINED: 1,
  JOB: 2,
  NOTHING: 3,
  /** The pipeline does not know this worker, or no longer. */
  GIVEN_UP: 4,
} as const

const ID_AT = 16
const HEAD_BYTES = 48
const JOB_HEAD_BYTES = 24

export interface WorkerRequest {
  readonly kind: number
  readonly worker: string
  readonly job: number
  readonly payload: Uint8Array
}

export function encodeJoin(): Uint8Array {
  return Uint8Array.of(Ask.JOIN)
}

export function encodeAsk(kind: number, worker: string, job = 0, payload: Uint8Array = NOTHING): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + payload.byteLength)
  bytes[0] = kind
  writeId(bytes, worker)
  new DataView(bytes.buffer).setFloat64(8, job, true)
  bytes.set(payload, HEAD_BYTES)
  return bytes
}

/** @throws MALFORMED_MESSAGE for what no worker sends */
export function decodeAsk(bytes: Uint8Array): WorkerRequest {
  if (bytes.byteLength === 1 && bytes[0] === Ask.JOIN) return { kind: Ask.JOIN, worker: '', job: 0, payload: NOTHING }
  if (bytes.byteLength < HEAD_BYTES) throw notOfAWorker()
  const job = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(8, true)
  return { kind: bytes[0]!, worker: readId(bytes), job, payload: bytes.subarray(HEAD_BYTES) }
}

export function encodeTold(kind: number): Uint8Array {
  return Uint8Array.of(kind)
}

export function encodeJoined(worker: string, timeoutS: number): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES)
  bytes[0] = Told.JOINED
  writeId(bytes, worker)
  new DataView(bytes.buffer).setFloat64(8, timeoutS, true)
  return bytes
}

export function decodeJoined(bytes: Uint8Array): { readonly worker: string; readonly timeoutS: number } {
  if (bytes[0] !== Told.JOINED || bytes.byteLength !== HEAD_BYTES) throw notOfAPipeline()
  const timeoutS = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(8, true)
  return { worker: readId(bytes), timeoutS }
}

export function encodeJob(job: number, attempt: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(JOB_HEAD_BYTES + data.byteLength)
  const view = new DataView(bytes.buffer)
  bytes[0] = Told.JOB
  view.setFloat64(8, job, true)
  view.setFloat64(16, attempt, true)
  bytes.set(data, JOB_HEAD_BYTES)
  return bytes
}

export function decodeJob(bytes: Uint8Array): {
  readonly job: number
  readonly attempt: number
  readonly data: Uint8Array
} {
  if (bytes.byteLength < JOB_HEAD_BYTES) throw notOfAPipeline()
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return {
    job: view.getFloat64(8, true),
    attempt: view.getFloat64(16, true),
    data: bytes.subarray(JOB_HEAD_BYTES),
  }
}

const NOTHING = new Uint8Array(0)

function writeId(bytes: Uint8Array, id: string): void {
  for (let at = ID_AT; at < HEAD_BYTES; at++) bytes[at] = id.charCodeAt(at - ID_AT)
}

function readId(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(ID_AT, HEAD_BYTES))
}

function notOfAWorker(): RmqError {
  return new RmqError('MALFORMED_MESSAGE', 'This topic is a pipeline: its requests are made by client.work(topic, …).')
}

function notOfAPipeline(): RmqError {
  return new RmqError(
    'MALFORMED_MESSAGE',
    'The answer is not a pipeline’s: does the server make this topic with addPipeline?',
  )
}
