import { errorText, type ReferredRecord, type Session } from '@rmq/core'
import { encodeFileReference } from '../robotmq/file-reference.ts'
import { allocateFrame, type RobotmqFrame } from '../robotmq/frame.ts'
import {
  looksLikeReference,
  MAX_BLOCK_BYTES,
  recordBlockBytes,
  type WireRecord,
  writeRecordBlock,
} from '../robotmq/record-block.ts'
import { errorFrame, lossyText, Refusal, type RobotmqAnswering } from './robotmq-error.ts'
import { RobotmqReply } from './robotmq-reply.ts'

type Answerable = WireRecord & Pick<ReferredRecord, 'reference'>

/** Which records a frame asks for. */
interface Asked {
  readonly topic: string
  readonly n: number
}

export async function peekReply(
  session: Session,
  parts: RobotmqFrame,
  asked: Asked,
  to: RobotmqAnswering,
): Promise<RobotmqReply> {
  return recordsReply(parts, await read(session, 'peek', asked, to), to)
}

/** What cannot be sent stays in the topic. */
export async function popReply(
  session: Session,
  parts: RobotmqFrame,
  asked: Asked,
  to: RobotmqAnswering,
): Promise<RobotmqReply> {
  const seen = await read(session, 'peek', asked, to)
  try {
    toWire(parts, seen)
  } finally {
    release(seen)
  }
  const taken = await read(session, 'pop', asked, to)
  try {
    // Other records than those seen, or no lease left for one of them: what cannot be sent becomes the topic's newest.
    for (const { data, captureTimeS } of taken.filter(isUnsendable)) {
      await session.execute({
        op: 'put',
        topic: asked.topic,
        data,
        ...(captureTimeS !== undefined && { captureTimeS }),
      })
    }
    const sendable = taken.filter((record) => !isUnsendable(record))
    return recordsReply(parts, sendable, to)
  } catch (thrown) {
    release(taken)
    throw thrown
  }
}

/** Tells records by reference where they have one. Takes over their leases. */
export function recordsReply(parts: RobotmqFrame, records: readonly Answerable[], to: RobotmqAnswering): RobotmqReply {
  try {
    const frame = recordsFrame(parts, records, to)
    const references = records.flatMap(({ reference }) => reference ?? [])
    if (references.length === 0) return new RobotmqReply(frame)
    return new RobotmqReply(frame, { references, encodeInline: () => inlineFrame(parts, records, to) })
  } catch (thrown) {
    release(records)
    throw thrown
  }
}

async function read(
  session: Session,
  op: 'peek' | 'pop',
  asked: Asked,
  to: RobotmqAnswering,
): Promise<readonly ReferredRecord[]> {
  const command = { op, ...asked }
  const { records } = await (to.byReference ? session.refer(command) : session.execute(command))
  return records
}

function release(records: readonly Answerable[]): void {
  for (const { reference } of records) reference?.release()
}

function isUnsendable({ data, reference }: Answerable): boolean {
  return reference === undefined && looksLikeReference(data)
}

/** The records as they travel. @throws Refusal where they cannot */
function toWire({ topic }: RobotmqFrame, records: readonly Answerable[]): WireRecord[] {
  if (records.some(isUnsendable)) {
    throw new Refusal(
      `A payload of topic "${lossyText(topic)}" begins with the bytes 0d 0a 0d 0b, which your client would take for a ` +
        'reference into shared memory: it cannot be sent to a robotmq client.',
    )
  }
  const wire = records.map(({ timestampS, data, reference }) => ({
    timestampS,
    data: reference === undefined ? data : encodeFileReference(reference),
  }))
  const bytes = recordBlockBytes(wire)
  if (bytes <= MAX_BLOCK_BYTES) return wire
  throw new Refusal(`${records.length} records of ${bytes} bytes together are too many for one reply: ask for fewer.`)
}

function recordsFrame(parts: RobotmqFrame, records: readonly Answerable[], to: RobotmqAnswering): Uint8Array {
  const wire = toWire(parts, records)
  const { frame, bodyOffset } = allocateFrame(parts.topic, parts.command, to.nowS(), recordBlockBytes(wire))
  writeRecordBlock(frame, bodyOffset, wire)
  return frame
}

/** The same records with their bytes, or why they cannot be sent so. */
function inlineFrame(parts: RobotmqFrame, records: readonly Answerable[], to: RobotmqAnswering): Uint8Array {
  const inline = ({ timestampS, data, reference }: Answerable) => ({
    timestampS,
    data: reference === undefined ? data : reference.copy(),
  })
  try {
    return recordsFrame(parts, records.map(inline), to)
  } catch (thrown) {
    return errorFrame(parts.topic, errorText(thrown), to)
  }
}
