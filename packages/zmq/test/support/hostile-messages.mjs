import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'

const GOLDEN = new URL('../../testdata/wire/', import.meta.url)
/** Numbers that lengths, counts and positions get wrong. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x55555555, 2 ** 20]
const WORDS = [
  '-1',
  '1e999',
  '9007199254740993',
  'null',
  '[]',
  '{}',
  '""',
  '"__proto__"',
  '{"#":"NaN"}',
  '"\\ud800"',
  '"t"',
]
const TOPICS = ['t', 'joints', 'ask', '', 'nobody', '__rmq_hello__', '\u{1f916}', 'x'.repeat(255)]
const MOST_BYTES = 200_000

/**
 * Messages for a server that are wrong in all the ways there are, of both wires: what they may be, changed here and there,
 * cut, glued together, or bytes that never were a message. The same seed gives the same messages.
 */
export class HostileMessages {
  #state
  #bases

  /** @param {number} seed a whole number */
  constructor(seed) {
    this.#state = seed >>> 0
    this.#bases = [...goldenMessages(), ...robotmqMessages()]
  }

  /** @returns {Buffer[]} the frames of the next message */
  next() {
    const kind = this.#below(20)
    if (kind === 0) return Array.from({ length: 1 + this.#below(4) }, () => this.#noise(this.#below(80)))
    const frames = this.#one(this.#bases).map((frame) => Buffer.from(frame))
    // A few stay as they are: what is right has to get between what is not.
    for (let left = kind === 1 ? 0 : 1 + this.#below(3); left > 0; left--) this.#harm(frames)
    return frames.length > 0 ? frames : [Buffer.alloc(0)]
  }

  /** A stream of bytes for a bare socket: ZMTP that goes wrong somewhere. @returns {Buffer} */
  nextStream() {
    const greeting = Buffer.alloc(64)
    greeting.write('ff00000000000000017f0300', 0, 'hex')
    greeting.write('NULL', 12)
    const ready = Buffer.from('\x04\x19\x05READY\x0bSocket-Type\0\0\0\x06DEALER', 'latin1')
    const bytes = Buffer.concat([
      greeting,
      ready,
      ...this.next().map((frame) => Buffer.concat([Buffer.from([this.#below(8), Math.min(frame.length, 255)]), frame])),
    ])
    for (let left = this.#below(3); left > 0; left--) this.#flip(bytes)
    return bytes.subarray(0, 1 + this.#below(bytes.length))
  }

  /** @param {Buffer[]} frames */
  #harm(frames) {
    const at = this.#below(frames.length)
    const frame = frames[at]
    switch (this.#below(10)) {
      case 0:
      case 1:
        if (frame.length > 0) this.#flip(frame)
        break
      case 2:
      case 3:
        if (frame.length >= 4) frame.writeUInt32LE(this.#one(EDGES), this.#below(frame.length - 3))
        break
      case 4:
        frames[at] = frame.subarray(0, this.#below(frame.length + 1))
        break
      case 5:
        frames[at] = Buffer.concat([frame, this.#noise(this.#below(60))])
        break
      case 6:
        frames.splice(
          this.#below(frames.length + 1),
          this.#below(2),
          this.#below(50) === 0 ? this.#noise(this.#below(MOST_BYTES)) : this.#noise(this.#below(8)),
        )
        break
      case 7:
        frames.push(...this.#one(this.#bases))
        break
      default:
        frames[at] = this.#withOtherWord(frame)
    }
  }

  /** Another number, text or topic in the JSON of a message of ours, its length set right: behind it is what is harmed. */
  #withOtherWord(frame) {
    const start = frame.indexOf('{"')
    if (start < 32) return frame
    const text = frame.subarray(start).toString('latin1')
    const values = [...text.matchAll(/(?<=[:,[])(?:-?[\d.]+|"[^"]*"|null)(?=[,}\]])/g)]
    if (values.length === 0) return frame
    const { index, 0: old } = this.#one(values)
    const word = this.#below(3) === 0 ? JSON.stringify(this.#one(TOPICS)) : this.#one(WORDS)
    const other = Buffer.concat([
      frame.subarray(0, start),
      Buffer.from(text.slice(0, index) + word + text.slice(index + old.length)),
    ])
    other.writeUInt32LE(other.length - start, 12)
    return other
  }

  #flip(bytes) {
    bytes[this.#below(bytes.length)] ^= 1 << this.#below(8)
  }

  #noise(length) {
    const bytes = Buffer.allocUnsafe(length)
    for (let index = 0; index < length; index++) bytes[index] = this.#below(256)
    return bytes
  }

  #one(choices) {
    return choices[this.#below(choices.length)]
  }

  /** A whole number below `limit`, of the generator mulberry32. */
  #below(limit) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** Each kind of our wire: a paragraph of a file is a frame. */
function goldenMessages() {
  return readdirSync(GOLDEN)
    .filter((name) => name.endsWith('.hex'))
    .sort()
    .map((name) =>
      readFileSync(new URL(name, GOLDEN), 'utf8')
        .trim()
        .split('\n\n')
        .map((paragraph) => Buffer.from(paragraph.replaceAll(/\s/g, ''), 'hex')),
    )
}

/** Each command of robotmq's wire, in the envelope of its clients. */
function robotmqMessages() {
  const count = Buffer.from([0xff, 0xff, 0xff, 0xff])
  const block = Buffer.concat([Buffer.from([1, 0, 0, 0, 3, 0, 0, 0]), Buffer.alloc(8), Buffer.from('abc')])
  const reference = Buffer.concat([
    Buffer.from([1, 0, 0, 0, 16, 0, 0, 0]),
    Buffer.alloc(8),
    Buffer.from('0d0a0d0b0400000000000000746573740000', 'hex'),
  ])
  const bodies = [
    [6, Buffer.from('Get topic status')],
    [1, count],
    [2, count],
    [5, block],
    [3, block],
    [5, reference],
    [-1, count],
  ]
  const topics = ['t', 'ask', 'nobody']
  return topics.flatMap((topic) =>
    bodies.map(([command, body]) => {
      const head = Buffer.alloc(topic.length + 10)
      head.writeUInt8(topic.length)
      head.write(topic, 1)
      head.writeInt8(command, topic.length + 1)
      head.writeDoubleLE(0.5, topic.length + 2)
      return [Buffer.alloc(0), Buffer.concat([head, body])]
    }),
  )
}
