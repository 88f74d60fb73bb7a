import { RmqError } from '@rmq/core'
import { encodeHead, type Head, MessageKind } from './head.ts'
import { decodeJson } from './json.ts'

/** The server's clock, in seconds, when a ping came in and when its pong went out. */
export interface Pong {
  readonly inS: number
  readonly outS: number
  /** The steady clock of the server's host at the server's timestamp 0. */
  readonly zeroS?: number
}

export function encodePing(call: number): Uint8Array[] {
  return [encodeHead({ kind: MessageKind.PING, call, timeS: 0, received: 0, meta: '', records: [] })]
}

export function encodePong(call: number, { inS, outS, zeroS }: Pong): Uint8Array[] {
  const meta = JSON.stringify({ inS, zeroS })
  return [encodeHead({ kind: MessageKind.PONG, call, timeS: outS, received: 0, meta, records: [] })]
}

/** @throws MALFORMED_MESSAGE */
export function decodePong(head: Head): Pong {
  const { inS, zeroS } = decodeJson(head.meta)
  if (typeof inS !== 'number') throw new RmqError('MALFORMED_MESSAGE', 'A pong tells no time.')
  return { inS, outS: head.timeS, ...(typeof zeroS === 'number' && { zeroS }) }
}
