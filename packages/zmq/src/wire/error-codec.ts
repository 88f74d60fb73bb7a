import { errorText, RmqError, type RmqErrorCode } from '@rmq/core'
import { encodeHead, type Head, MessageKind, WIRE_VERSION } from './head.ts'
import { decodeJson } from './json.ts'

const CODE = /^[A-Z][A-Z_]{2,40}$/

/** The frames that answer a call with a failure. */
export function encodeError(call: number, timeS: number, thrown: unknown): Uint8Array[] {
  const code: RmqErrorCode = RmqError.isInstance(thrown) ? thrown.code : 'REQUEST_FAILED'
  const meta = JSON.stringify({ code, message: errorText(thrown) })
  return [encodeHead({ kind: MessageKind.ERROR, call, timeS, received: 0, meta, records: [] })]
}

/** The frames that answer a message of a version or kind that is not spoken here. */
export function encodeNotSpoken(call: number, timeS: number, version: number, kind: number): Uint8Array[] {
  const what = version === WIRE_VERSION ? `message kind ${kind}` : `wire version ${version}`
  const message = `This server does not speak ${what}: it speaks version ${WIRE_VERSION}. Update the older side.`
  const meta = JSON.stringify({ code: 'VERSION_MISMATCH', message, versions: [WIRE_VERSION] })
  return [encodeHead({ kind: MessageKind.ERROR, call, timeS, received: 0, meta, records: [] })]
}

/** The failure that a message tells. */
export function decodeError(head: Head): RmqError {
  const { code, message } = decodeJson(head.meta)
  // A later version may know more codes: they pass as they are.
  const known = typeof code === 'string' && CODE.test(code) ? (code as RmqErrorCode) : 'REQUEST_FAILED'
  return new RmqError(known, typeof message === 'string' ? message : 'The server answered with an error and no text.')
}
