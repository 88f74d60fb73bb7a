import { Buffer } from 'node:buffer'
import { onTestFinished } from 'vitest'
import { Router } from 'zeromq'
import { decodeFrame, encodeFrame, type RobotmqFrame, topicBytes, topicText } from '../../src/robotmq/frame.ts'
import { HELLO_TOPIC } from '../../src/robotmq/hello.ts'
import { freshEndpoint } from './endpoints.ts'

export interface FakeRobotmq {
  readonly endpoint: string
  /** Everything that came, without the hellos. */
  readonly received: { readonly envelope: Buffer[]; readonly bytes: Buffer; readonly frame: RobotmqFrame }[]
  /** Answers the first frame of this command that came, late. */
  answerLate(command: number, told: Exclude<Answer, 'silence'>): void
}

export type Answer = { command?: number; topic?: string; body: Uint8Array } | 'silence'

/** A server that behaves as a test wants it to; hellos are answered as a robotmq server does unless told otherwise. */
export function fakeRobotmq(
  answer: (frame: RobotmqFrame, nth: number) => Answer,
  hello: (nth: number) => Answer = () => ({ body: Buffer.from('ffffffff', 'hex') }),
): FakeRobotmq {
  const endpoint = freshEndpoint()
  const socket = new Router({ linger: 0, sendTimeout: 0 })
  socket.bindSync(endpoint)
  onTestFinished(() => socket.close())
  const received: FakeRobotmq['received'] = []
  let hellos = 0
  const send = (envelope: Buffer[], frame: RobotmqFrame, told: Exclude<Answer, 'silence'>) => {
    const topic = told.topic === undefined ? frame.topic : topicBytes(told.topic)
    const command = told.command ?? frame.command
    void socket.send([...envelope, encodeFrame({ topic, command, timestampS: 100, body: told.body }) as Buffer])
  }
  const serve = async () => {
    for await (const message of socket) {
      const bytes = message.at(-1)!
      const envelope = message.slice(0, -1)
      const frame = decodeFrame(bytes)
      const isHello = topicText(frame.topic) === HELLO_TOPIC
      if (!isHello) received.push({ envelope, bytes, frame })
      const told = isHello ? hello(++hellos) : answer(frame, received.length)
      if (told !== 'silence') send(envelope, frame, told)
    }
  }
  void serve().catch(() => {})
  const answerLate: FakeRobotmq['answerLate'] = (command, told) => {
    const { envelope, frame } = received.find((one) => one.frame.command === command)!
    send(envelope, frame, told)
  }
  return { endpoint, received, answerLate }
}
