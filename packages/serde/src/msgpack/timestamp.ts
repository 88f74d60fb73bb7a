import { invalidArgument, malformed } from '../errors.ts'

/** msgpack's own extension. */
export const TIMESTAMP = -1

const LATEST_MS = 8.64e15

/** A time with header and all, in the shortest of msgpack's three forms. */
export function timestampExtension(date: Date): Uint8Array {
  const ms = date.getTime()
  if (Number.isNaN(ms)) throw invalidArgument('this Date is invalid')
  const seconds = Math.floor(ms / 1000)
  const nanoseconds = (ms - seconds * 1000) * 1_000_000
  if (seconds < 0 || seconds >= 2 ** 34) return longForm(seconds, nanoseconds)
  const high = Math.floor(seconds / 2 ** 32)
  if (nanoseconds === 0 && high === 0) return wordsAfter([0xd6, 0xff], seconds)
  return wordsAfter([0xd7, 0xff], nanoseconds * 4 + high, seconds)
}

function longForm(seconds: number, nanoseconds: number): Uint8Array {
  return wordsAfter([0xc7, 12, 0xff], nanoseconds, Math.floor(seconds / 2 ** 32), seconds)
}

function wordsAfter(header: readonly number[], ...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(header.length + words.length * 4)
  const view = new DataView(bytes.buffer)
  bytes.set(header)
  for (const [i, word] of words.entries()) view.setUint32(header.length + i * 4, word)
  return bytes
}

/**
 * The time that the bytes of a timestamp extension stand for; what is finer than a millisecond is cut off.
 *
 * @throws MALFORMED_MESSAGE when there is no such form, or no such Date
 */
export function timestampToDate(bytes: Uint8Array): Date {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [seconds, nanoseconds] = partsOf(view)
  const ms = seconds * 1000 + Math.floor(nanoseconds / 1_000_000)
  if (nanoseconds >= 1_000_000_000 || !(Math.abs(ms) <= LATEST_MS)) throw malformed('a timestamp is out of range')
  return new Date(ms)
}

function partsOf(view: DataView): readonly [seconds: number, nanoseconds: number] {
  switch (view.byteLength) {
    case 4:
      return [view.getUint32(0), 0]
    case 8: {
      const word = view.getUint32(0)
      return [(word % 4) * 2 ** 32 + view.getUint32(4), Math.floor(word / 4)]
    }
    case 12:
      return [view.getInt32(4) * 2 ** 32 + view.getUint32(8), view.getUint32(0)]
    default:
      throw malformed(`a timestamp has ${view.byteLength} bytes`)
  }
}
