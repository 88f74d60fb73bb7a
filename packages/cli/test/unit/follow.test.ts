import fc from 'fast-check'
import type { Message } from 'robotmq'
import { expect, test } from 'vitest'
import { follow } from '../../src/follow.ts'

function message(epoch: string, sequence: number, timestampS: number): Message {
  return { topic: 't', epoch, sequence, timestampS, data: new Uint8Array(3), lostBefore: 0, ageS: () => 0 }
}

type Step = { readonly put: number } | { readonly expire: number } | { readonly pop: number } | 'restart'

/** @param pop how many of the newest records a pop takes */
function scripts(pop: fc.Arbitrary<number>): fc.Arbitrary<Step[]> {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ put: fc.integer({ min: 1, max: 40 }) }) },
    { weight: 2, arbitrary: fc.record({ expire: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 1, arbitrary: fc.record({ pop }) },
    { weight: 1, arbitrary: fc.constant<Step>('restart') },
  )
  return fc.array(step, { minLength: 1, maxLength: 60 })
}

/** A topic that changes under its reader: before each peek the next step happens. */
class Scripted {
  readonly #script: Step[]
  readonly #sequences: boolean
  readonly #end: AbortController
  #records: Message[] = []
  #epoch = 1
  #published = 0
  #clock = 0

  constructor(script: readonly Step[], sequences: boolean, end: AbortController) {
    this.#script = [...script]
    this.#sequences = sequences
    this.#end = end
  }

  peek = async (n: number): Promise<readonly Message[]> => {
    const step = this.#script.shift()
    if (step !== undefined) this.#apply(step)
    const tail = n === 0 ? this.#records : this.#records.slice(n)
    // The script is over once the reader was given the end of it.
    if (this.#script.length === 0 && tail.length === 1) this.#end.abort()
    return tail
  }

  #apply(step: Step): void {
    if (step === 'restart') {
      this.#epoch += 1
      this.#published = 0
      this.#records = []
    } else if ('expire' in step) {
      this.#records.splice(0, step.expire)
    } else if ('pop' in step) {
      this.#records.splice(-step.pop)
    } else {
      for (let i = 0; i < step.put; i++) {
        this.#published += 1
        this.#clock += 1
        const sequence = this.#sequences ? this.#published : Number.NaN
        this.#records.push(message(String(this.#epoch), sequence, this.#clock))
      }
    }
  }
}

async function read(script: readonly Step[], sequences: boolean): Promise<Message[]> {
  const end = new AbortController()
  const topic = new Scripted([...script, { put: 1 }], sequences, end)
  const got: Message[] = []
  const following = follow(topic.peek, { signal: end.signal, pollMs: 0 })
  try {
    for await (const record of following) got.push(record)
  } catch (error) {
    if (!end.signal.aborted) throw error
  }
  return got
}

test('each record comes once and in order, and what was lost in between is counted', async () => {
  await fc.assert(
    fc.asyncProperty(scripts(fc.integer({ min: 1, max: 3 })), async (script) => {
      const got = await read(script, true)
      for (const [index, { epoch, sequence, timestampS, lostBefore }] of got.entries()) {
        const before = got[index - 1]
        if (before !== undefined) expect(timestampS).toBeGreaterThan(before.timestampS)
        if (before?.epoch === epoch) expect(sequence).toBe(before.sequence + lostBefore + 1)
        else expect(lostBefore).toBe(0)
      }
    }),
  )
})

test('without sequences each record comes once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(scripts(fc.constant(Number.POSITIVE_INFINITY)), async (script) => {
      const times = (await read(script, false)).map(({ timestampS }) => timestampS)
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
    }),
  )
})

test.each([[true], [false]])('nothing is missed where nothing leaves (sequences: %s)', async (sequences) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ put: fc.integer({ min: 1, max: 99 }) }), { minLength: 1 }),
      async (script) => {
        const times = (await read(script, sequences)).map(({ timestampS }) => timestampS)
        const total = script.reduce((sum, { put }) => sum + put, 0) + 1
        const [first] = times as [number]
        expect(times).toEqual(Array.from({ length: total - first + 1 }, (_, index) => first + index))
      },
    ),
  )
})

test.each([[true], [false]])('of a topic that was empty all that comes is shown (sequences: %s)', async (sequences) => {
  const times = (await read([{ put: 0 }, { put: 50 }, { put: 7 }], sequences)).map(({ timestampS }) => timestampS)
  expect(times).toEqual(Array.from({ length: 58 }, (_, index) => index + 1))
})
