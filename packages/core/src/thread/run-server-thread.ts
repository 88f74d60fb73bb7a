import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { RequestSink } from '../engine.ts'
import type { HeapHomeOptions } from '../heap-topic.ts'
import { LocalEngine } from '../local-engine.ts'
import type { SharedTopicHome, TopicHome } from '../topic.ts'
import type { Transport } from '../transport.ts'
import { BufferReturns } from './buffer-pool.ts'
import { type FromThread, type Outcome, type ThreadData, type ToThread, toPlainError } from './messages.ts'
import { PutRing, type RingEntry } from './put-ring.ts'
import { SharedState } from './shared-state.ts'
import { bytesInPort, worthTransferring } from './transfer.ts'

export interface ServerThreadOptions {
  /** Makes the homes; the heap's needs what it is given, to send buffers back to the producer. */
  readonly homes: (heap: HeapHomeOptions) => readonly (TopicHome | SharedTopicHome)[]
  readonly transports: readonly Transport[]
}

/** The message thread's whole life. Called by the composer's worker entry, once. */
export function runServerThread(options: ServerThreadOptions): void {
  const { start, control, recycle, ...shared } = workerData as ThreadData
  const state = new SharedState(shared.state)
  let ring = new PutRing(shared.ring)
  const returns = new BufferReturns(recycle, state)
  const engine = new LocalEngine({
    homes: options.homes({ release: returns.release }),
    transports: options.transports,
    // The server's own puts came first if they were posted first, though their events may still wait in the port. What
    // is posted meanwhile must not hold the command up: a fast producer would do so for ever.
    beforeCommand: () => {
      const before = ring
      const { written } = before
      for (let waiting = (state.posted - received) | 0; waiting > 0; waiting--) {
        const next = receiveMessageOnPort(control)
        if (next === undefined) break
        receive(next.message)
      }
      takePuts(ring === before ? written : ring.written)
      // What was taken out of the port here may have been the wake-up call.
      if (!looking) look()
    },
  })
  /** Names of topics, in the order of their adding. */
  const topics: string[] = []
  let received = 0
  let looking = false

  const send = (message: FromThread, transfer: readonly ArrayBuffer[] = []) => control.postMessage(message, transfer)
  const settle = (id: number, work: Promise<Outcome>) =>
    work.then(
      (value) => send({ t: 'done', id, value }, buffersOf(value)),
      (error) => send({ t: 'failed', id, error: toPlainError(error) }),
    )
  const attempt = (what: string, work: () => void): void => {
    try {
      work()
    } catch (error) {
      engine.log.error(`${what} failed: ${toPlainError(error).message}`)
    }
  }
  const receive = (message: ToThread): void => {
    // What was put before this was posted comes before it.
    takePuts(ring.written)
    received = (received + 1) | 0
    attempt(message.t, () => obey(message))
  }
  /** The puts in the ring that nothing in the port comes before. @returns whether there were some */
  const takePuts = (until: number): boolean => {
    let some = false
    for (let entry = ring.read(until, received); entry !== undefined; entry = ring.read(until, received)) {
      take(entry)
      some = true
    }
    return some
  }
  const take = ({ topic, data, stamp }: RingEntry): void => {
    state.addBytesInFlight(-bytesInPort(data))
    attempt('put', () => engine.append(topics[topic]!, data, stamp))
  }
  /** While puts keep coming it looks at each turn, which spares their producer the waking. */
  const look = (): void => {
    looking = takePuts(ring.written)
    if (!looking) {
      ring.exchangeAsleep(true)
      looking = takePuts(ring.written)
      if (looking) ring.exchangeAsleep(false)
    }
    if (looking) setImmediate(look)
  }
  const obey = (message: ToThread): void => {
    switch (message.t) {
      case 'put':
        state.addBytesInFlight(-bytesInPort(message.data))
        returns.adopt(message.data)
        engine.append(message.topic, message.data, message.stamp)
        return
      case 'wake':
        return
      case 'ring':
        ring = new PutRing(message.memory)
        return
      case 'addTopic':
        topics.push(message.description.name)
        engine.addTopic(message.description)
        return
      case 'rejected':
        engine.reject(message.topic, message.count)
        return
      case 'execute':
        void settle(message.id, engine.execute(message.command))
        return
      case 'listen':
        void settle(message.id, engine.listen(message.endpoint))
        return
      case 'counters':
        void settle(message.id, engine.counters())
        return
      case 'take':
        engine.take(message.id)
        return
      case 'answer':
        engine.answer(message.id, message.answer)
        return
      case 'resetStartTime':
        engine.resetStartTime(message.zeroUs, message.epochs)
        return
      case 'close':
        void close()
        return
    }
  }
  const close = async () => {
    await engine.close()
    state.setClosed()
    control.close()
    recycle.close()
  }
  const sink: RequestSink = {
    // The payload is the wire's own memory, which cannot be transferred.
    deliver: (request) => {
      const data = new Uint8Array(request.data)
      send({ t: 'request', request: { ...request, data } }, worthTransferring([data]))
    },
    cancel: (id) => send({ t: 'cancel', id }),
  }

  control.on('message', (message: ToThread) => {
    receive(message)
    if (!looking) look()
  })
  void engine.start(start, sink).then(() => send({ t: 'ready' }))
}

/** The memory of the payloads in a reply, which are copies made for the receiver. */
function buffersOf(reply: Outcome): ArrayBuffer[] {
  return typeof reply === 'object' && 'records' in reply ? worthTransferring(reply.records.map(({ data }) => data)) : []
}
