import assert from 'node:assert/strict'
import { steadyNowS } from '../clock-estimate.ts'
import type { RequestContext } from '../request.ts'
import type { StaleEvent } from '../stale-watch.ts'
import type { Case } from './subject.ts'
import { bytes, rejectsWith, until, values } from './topic-cases.ts'

const KEPT = { messageRemainingTimeS: 60 }

export const timeCases: readonly Case[] = [
  [
    "the clock's estimate leads from a put's time to the time it was put here, also when the server's is set",
    ['subscriptions'],
    async (subject) => {
      await subject.addTopic('t', KEPT)
      const beforeS = steadyNowS()
      await subject.putData('t', bytes(1))
      const afterS = steadyNowS()
      const [message] = await subject.peekData('t', -1)
      const { offsetS, hostOffsetS, errorS } = subject.clock!()
      assert.ok(errorS > 0 && errorS < 5, `known to within ${errorS} s`)
      const putS = message!.timestampS - offsetS
      assert.ok(putS >= beforeS - errorS && putS <= afterS + errorS, `${beforeS} ${putS} ${afterS}, off by ${errorS}`)
      assert.ok(Math.abs(hostOffsetS) <= errorS, 'the same host')
      const ageS = message!.ageS()
      assert.ok(ageS >= -errorS && ageS <= steadyNowS() - beforeS + errorS)

      // Set anew, it is known anew.
      subject.resetStartTime?.(0)
      await subject.putData('t', bytes(2))
      const [later] = await subject.peekData('t', -1)
      const laterAgeS = later!.ageS()
      assert.ok(laterAgeS > -1 && laterAgeS < 10, `${laterAgeS} s old`)
      await until(async () => Math.abs(subject.clock!().hostOffsetS) < 1)
      assert.ok((await subject.peekAt!('t', steadyNowS(), { toleranceS: 10 })) !== undefined)
    },
  ],
  [
    'the record captured nearest a time is found, whatever the order of the puts',
    ['subscriptions'],
    async (subject) => {
      await subject.addTopic('t', KEPT)
      assert.equal(await subject.peekAt!('t', 20), undefined)
      for (const [value, captureTimeS] of [30, 10, 20, 25].entries()) {
        await subject.putData('t', bytes(value), { captureTimeS })
      }
      const near = async (timeS: number, toleranceS?: number) => {
        const message = await subject.peekAt!('t', timeS, toleranceS === undefined ? {} : { toleranceS })
        return message?.captureTimeS
      }
      assert.deepEqual([await near(-1e9), await near(10.1), await near(22.4), await near(22.6)], [10, 10, 20, 25])
      assert.deepEqual([await near(1e9), await near(15, 4), await near(15, 5)], [30, undefined, 20])
      const message = await subject.peekAt!('t', 20)
      assert.deepEqual([message!.topic, message!.sequence, message!.data[0]], ['t', 3, 2])
      assert.equal(message!.epoch, (await subject.peekData('t', -1))[0]!.epoch)
      await rejectsWith('INVALID_ARGUMENT', () => subject.peekAt!('t', Number.NaN))
      await rejectsWith('INVALID_ARGUMENT', () => subject.peekAt!('t', 1, { toleranceS: -1 }))
      await rejectsWith('TOPIC_NOT_FOUND', () => subject.peekAt!('nope', 1))

      // Without a capture time the put counts.
      await subject.addTopic('puts', KEPT)
      for (let value = 0; value < 3; value++) {
        await subject.putData('puts', bytes(value))
        const start = performance.now()
        await until(async () => performance.now() > start + 2)
      }
      const { offsetS, hostOffsetS } = subject.clock!()
      for (const { timestampS, sequence } of await subject.peekData('puts', 0)) {
        const found = await subject.peekAt!('puts', timestampS - offsetS + hostOffsetS)
        assert.equal(found!.sequence, sequence)
      }
    },
  ],
  [
    'records of several topics are read at one moment',
    ['subscriptions'],
    async (subject) => {
      const captures = { wrist: [1, 1.1, 1.2], scene: [1.01, 1.11], joints: [1.005, 1.105, 1.3, 1.31] }
      const topics = Object.keys(captures)
      for (const [topic, times] of Object.entries(captures)) {
        await subject.addTopic(topic, KEPT)
        for (const captureTimeS of times) await subject.putData(topic, bytes(1, 5000), { captureTimeS })
      }
      const at = async (options: { timeS?: number; toleranceS: number }) =>
        (await subject.peekAligned!(topics, options)).map(({ captureTimeS }) => captureTimeS)
      assert.deepEqual(await at({ toleranceS: 0.02 }), [1.1, 1.11, 1.105], 'the latest that all have')
      assert.deepEqual(await at({ toleranceS: 0.02, timeS: 1.004 }), [1, 1.01, 1.005])
      assert.deepEqual(await at({ toleranceS: Number.POSITIVE_INFINITY, timeS: 9 }), [1.2, 1.11, 1.31])
      const messages = await subject.peekAligned!(topics, { toleranceS: 0.02 })
      assert.deepEqual(
        messages.map(({ topic, sequence, data }) => [topic, sequence, data.byteLength]),
        [
          ['wrist', 2, 5000],
          ['scene', 2, 5000],
          ['joints', 2, 5000],
        ],
      )
      await rejectsWith('STALE', () => at({ toleranceS: 0.001 }))
      await rejectsWith('STALE', () => at({ toleranceS: 0.02, timeS: 2 }))
      await rejectsWith('STALE', async () => subject.peekAligned!(topics, { toleranceS: 0.02, maxAgeS: 1e-9 }))
      await subject.addTopic('empty', KEPT)
      await rejectsWith('STALE', async () => subject.peekAligned!([...topics, 'empty'], { toleranceS: 1 }))
      await rejectsWith('TOPIC_NOT_FOUND', async () => subject.peekAligned!(['wrist', 'nope'], { toleranceS: 1 }))
      await rejectsWith('INVALID_ARGUMENT', async () => subject.peekAligned!([], { toleranceS: 1 }))
      await rejectsWith('INVALID_ARGUMENT', () => at({ toleranceS: Number.NaN }))

      // Where the topic furthest behind has a newer record than the others match, an earlier moment is taken.
      for (const topic of ['a', 'b']) await subject.addTopic(topic, KEPT)
      for (const captureTimeS of [1, 2, 3]) await subject.putData('a', bytes(1), { captureTimeS })
      for (const captureTimeS of [1, 2, 5]) await subject.putData('b', bytes(1), { captureTimeS })
      const earlier = await subject.peekAligned!(['a', 'b'], { toleranceS: 0.1 })
      assert.deepEqual(
        earlier.map(({ captureTimeS }) => captureTimeS),
        [2, 2],
      )
    },
  ],
  [
    'maxAgeS refuses an old answer, and none',
    ['subscriptions'],
    async (subject) => {
      await subject.addTopic('t', KEPT)
      await rejectsWith('STALE', () => subject.peekData('t', -1, { maxAgeS: 60 }))
      await subject.putData('t', bytes(1))
      const [message] = await subject.peekData('t', -1, { maxAgeS: 60 })
      await until(async () => message!.ageS() > 0.02)
      await rejectsWith('STALE', () => subject.peekData('t', -1, { maxAgeS: 0.02 }))
      assert.deepEqual(values(await subject.peekData('t', 0, { maxAgeS: 60 })), [1])
      await rejectsWith('INVALID_ARGUMENT', () => subject.peekData('t', -1, { maxAgeS: 0 }))
    },
  ],
  [
    'a topic that falls silent, or is not there, is told, and that it came back',
    ['subscriptions'],
    async (subject) => {
      await subject.addTopic('t', KEPT)
      const events: StaleEvent[] = []
      const stop = subject.onStale!('t', 0.1, (event) => events.push(event))
      await until(async () => events.length === 1)
      await until(async () => {
        await subject.putData('t', bytes(1, 50_000))
        return events.length >= 2
      })
      const last = performance.now()
      await until(async () => events.length >= 3)
      const tookS = (performance.now() - last) / 1000
      stop()
      await subject.putData('t', bytes(1))
      assert.deepEqual(
        events.slice(0, 3).map(({ topic, stale }) => [topic, stale]),
        [
          ['t', true],
          ['t', false],
          ['t', true],
        ],
      )
      assert.ok(events.every(({ silentS }) => silentS >= 0.099 && silentS < 30))
      assert.ok(tookS > 0.01 && tookS < 20, `${tookS} s`)
      assert.throws(() => subject.onStale!('t', 0, () => {}), /afterS/)

      const absent: StaleEvent[] = []
      subject.onStale!('later', 0.05, (event) => absent.push(event))
      await until(async () => absent.length === 1)
      await subject.addTopic('later', KEPT)
      await until(async () => {
        await subject.putData('later', bytes(1))
        return absent.some(({ stale }) => !stale)
      })
    },
  ],
  [
    'a request has a deadline: its handler knows, is told when it has passed, and is not run later',
    ['subscriptions', 'requests'],
    async (subject) => {
      await subject.addTopic('r', KEPT)
      const seen: RequestContext[] = []
      subject.onRequest?.('r', (data, context) => {
        seen.push(context)
        return data[0] === 1 ? Promise.resolve(data) : new Promise(() => {})
      })
      await subject.requestWithData!('r', bytes(1))
      assert.deepEqual([seen[0]!.deadlineTimeS, seen[0]!.remainingS()], [undefined, Number.POSITIVE_INFINITY])
      const began = steadyNowS()
      await rejectsWith('TIMEOUT', () => subject.requestWithData!('r', bytes(2), { deadlineS: 0.2, timeoutS: 0.05 }))
      const tookS = steadyNowS() - began
      assert.ok(tookS > 0.1 && tookS < 10, `${tookS} s`)
      assert.equal(seen.length, 2, 'resends join the first')
      const { deadlineTimeS, signal } = seen[1]!
      assert.ok(deadlineTimeS! > began && deadlineTimeS! <= began + 0.3)
      await until(async () => signal.aborted)
      await rejectsWith('INVALID_ARGUMENT', () => subject.requestWithData!('r', bytes(1), { deadlineS: -1 }))

      await subject.addTopic('unheard', KEPT)
      await rejectsWith('TIMEOUT', () => subject.requestWithData!('unheard', bytes(1), { deadlineS: 0.05 }))
      const run: number[] = []
      subject.onRequest?.('unheard', async (data) => {
        run.push(data[0]!)
        return data
      })
      await subject.requestWithData!('unheard', bytes(2), { deadlineS: 30 })
      assert.deepEqual(run, [2], 'what is late is not run')
    },
  ],
  [
    'of requests that supersede each other only the newest waits, and the one that runs is let run',
    ['subscriptions', 'requests', 'parallel calls'],
    async (subject) => {
      await subject.addTopic('r', KEPT)
      const ask = (value: number) => subject.requestWithData!('r', bytes(value), { supersede: true, timeoutS: 30 })
      const outcome = (call: Promise<Uint8Array>) =>
        call.then(
          (data) => data[0],
          (error) => error.code,
        )
      const unseen = [ask(1), ask(2)].map(outcome)
      const third = outcome(ask(3))
      assert.deepEqual(await Promise.all(unseen), ['SUPERSEDED', 'SUPERSEDED'], 'no handler had them')
      const seen: number[] = []
      let release = (): void => {}
      subject.onRequest?.('r', async (data) => {
        seen.push(data[0]!)
        if (data[0] === 3)
          await new Promise<void>((resolve) => {
            release = resolve
          })
        return data
      })
      await until(async () => seen.length === 1)
      const later = [4, 5, 6].map(ask).map(outcome)
      assert.deepEqual(await Promise.all(later.slice(0, 2)), ['SUPERSEDED', 'SUPERSEDED'])
      release()
      assert.deepEqual(await Promise.all([third, later[2]]), [3, 6])
      assert.deepEqual(seen, [3, 6])
    },
  ],
]
