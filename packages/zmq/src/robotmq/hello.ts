import { Buffer } from 'node:buffer'
import type { LaneInvitation } from '../lane/lane-codec.ts'
import { WIRE_MAGIC, WIRE_VERSION } from '../wire/head.ts'
import { allocateFrame, RobotmqCommand, type RobotmqFrame, topicBytes, topicText } from './frame.ts'

/**
 * The topic of the STATUS request with which a client of ours asks what a server speaks. robotmq's own server answers
 * that there is no such topic and nothing more.
 */
export const HELLO_TOPIC = '__rmq_hello__'

const STATUS_TEXT = Buffer.from('Get topic status')
/** Longer texts of clients are not read. */
const MOST_CLIENT_BYTES = 65_536
const MOST_INSTANCE_CHARACTERS = 64
const NO_SUCH_TOPIC = Buffer.from([0xff, 0xff, 0xff, 0xff])

/** What a client tells of itself. */
export interface ClientHello {
  readonly client: string
  /** A secret word of this client alone, by which the server knows its connections as one client's. */
  readonly instance?: string
  /** Whether the connection is the client's second one, for large records. @default false */
  readonly bulk?: boolean
}

/** What a server tells of itself. */
export interface ServerHello {
  /** Versions of the wire that it speaks. */
  readonly versions: readonly number[]
  /** The run of the server. */
  readonly server: string
  readonly serverName: string
  /** The largest payload that it takes. */
  readonly maxMessageBytes: number
  /** The steady clock of its host, in seconds, at the server's timestamp 0. */
  readonly zeroS?: number
  /** Where clients of this host may open a lane for small messages. */
  readonly lane?: LaneInvitation
}

/** The hello's frame: a STATUS request as robotmq's client sends it, with a JSON text behind. */
export function encodeClientHello(hello: ClientHello): Uint8Array {
  const json = Buffer.from(JSON.stringify({ ...hello, versions: [WIRE_VERSION] }))
  const body = Buffer.concat([STATUS_TEXT, json])
  const { frame, bodyOffset } = allocateFrame(topicBytes(HELLO_TOPIC), RobotmqCommand.STATUS, 0, body.byteLength)
  frame.set(body, bodyOffset)
  return frame
}

export function isClientHello({ command, topic }: RobotmqFrame): boolean {
  return command === RobotmqCommand.STATUS && topicText(topic) === HELLO_TOPIC
}

/** What the body of a hello tells; undefined where not even a name. */
export function readClientHello(body: Uint8Array): ClientHello | undefined {
  if (body.byteLength > MOST_CLIENT_BYTES) return undefined
  const { client, instance, bulk } = parseObject(body.subarray(STATUS_TEXT.byteLength)) ?? {}
  if (typeof client !== 'string' || client === '') return undefined
  const told = typeof instance === 'string' && instance !== '' && instance.length <= MOST_INSTANCE_CHARACTERS
  return { client: client.slice(0, 255), bulk: bulk === true, ...(told && { instance }) }
}

/** The body of our answer: robotmq's "no such topic", then who we are. */
export function encodeServerHello(hello: ServerHello): Uint8Array {
  return Buffer.concat([NO_SUCH_TOPIC, WIRE_MAGIC, Buffer.from(JSON.stringify(hello))])
}

/** What a server's answer to the hello tells; undefined for a robotmq server. */
export function readServerHello(body: Uint8Array): ServerHello | undefined {
  const magicOffset = NO_SUCH_TOPIC.byteLength
  const jsonOffset = magicOffset + WIRE_MAGIC.byteLength
  if (body.byteLength <= jsonOffset) return undefined
  if (!WIRE_MAGIC.every((byte, index) => body[magicOffset + index] === byte)) return undefined
  const json = parseObject(body.subarray(jsonOffset))
  if (json === undefined) return undefined
  const { versions, server, serverName, maxMessageBytes, zeroS } = json
  const lane = readLane(json['lane'])
  if (!Array.isArray(versions) || typeof server !== 'string') return undefined
  return {
    versions: versions.filter((version) => typeof version === 'number'),
    server,
    serverName: typeof serverName === 'string' ? serverName : '',
    maxMessageBytes: typeof maxMessageBytes === 'number' ? maxMessageBytes : Number.POSITIVE_INFINITY,
    ...(typeof zeroS === 'number' && { zeroS }),
    ...(lane !== undefined && { lane }),
  }
}

function readLane(value: unknown): LaneInvitation | undefined {
  const { path, key } = (value ?? {}) as Record<string, unknown>
  return typeof path === 'string' && typeof key === 'string' ? { path, key } : undefined
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
