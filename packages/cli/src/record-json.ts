import type { Message } from 'robotmq'
import type { Context } from './context.ts'
import { decode } from './decode.ts'
import { valueJson } from './value-json.ts'

/**
 * A record as JSON. `data` is base64; when decoding, `value` takes its place wherever the payload can be decoded.
 * `sequence` is null from a server that does not tell it.
 * @param decoding given to decode the payloads
 */
export function recordJson(message: Message, decoding?: Context): unknown {
  const { topic, epoch, sequence, timestampS, captureTimeS, lostBefore, data } = message
  const head = { topic, epoch, sequence, timestampS, captureTimeS, ageS: microseconds(message.ageS()), lostBefore }
  if (decoding !== undefined) {
    const decoded = decode(message)
    if ('value' in decoded) return { ...head, value: valueJson(decoded.value) }
    decoding.notice(`rmq: ${decoded.problem}`)
  }
  return { ...head, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') }
}

/** Clocks tell no more than microseconds: further digits are noise. */
function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6
}
