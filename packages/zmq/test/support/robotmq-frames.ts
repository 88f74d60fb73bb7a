import { Buffer } from 'node:buffer'
import { decodeFrame, encodeFrame, RobotmqCommand, topicBytes } from '../../src/robotmq/frame.ts'
import { recordBlockBytes, type WireRecord, writeRecordBlock } from '../../src/robotmq/record-block.ts'

/** A robotmq frame, as its Python client would send it. */
export function frame(topic: string, command: number, body: Uint8Array, timestampS = 0.5): Uint8Array {
  return encodeFrame({ topic: topicBytes(topic), command, timestampS, body })
}

export function countBody(n: number): Buffer {
  const body = Buffer.alloc(4)
  body.writeInt32LE(n)
  return body
}

export function recordBody(...payloads: (string | Uint8Array)[]): Uint8Array {
  const records: WireRecord[] = payloads.map((payload) => ({ timestampS: 0.25, data: Buffer.from(payload as string) }))
  const body = new Uint8Array(recordBlockBytes(records))
  writeRecordBlock(body, 0, records)
  return body
}

/** An answer in words. */
export function describeAnswer(answer: Uint8Array): { topic: string; command: number; body: Buffer; text: string } {
  const { topic, command, body } = decodeFrame(answer)
  const bytes = Buffer.from(body)
  return { topic: Buffer.from(topic).toString(), command, body: bytes, text: bytes.toString() }
}

export { RobotmqCommand }
