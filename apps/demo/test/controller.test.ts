import { crc32 } from 'node:zlib'
import type { MetReport, StreamReporter } from '@rmq/app-kit'
import { type Message, NDArray, serialize, steadyClockUs } from 'robotmq'
import { expect, it } from 'vitest'
import { type ControllerPeers, runController } from '../src/roles/controller.ts'

interface Put {
  readonly epoch: string
  readonly sequence: number
  readonly frameId: number
  readonly camera: number
  readonly crc?: number
}

/** Runs the controller over these frames, with peers in memory. @returns what it told */
async function follow(puts: readonly Put[], { busy = false } = {}) {
  const told = { seen: [] as unknown[], lost: 0, wrong: [] as string[], met: [] as number[], asked: [] as number[] }
  const frames = {
    seen: ({ number }: { number: number }) => told.seen.push(number),
    lost: (count: number) => {
      told.lost += count
    },
    wrong: (problem: string) => told.wrong.push(problem),
  } as unknown as StreamReporter
  const counts = { received: 0, lost: 0, skipped: 0 }
  const camera = {
    subscribe: () =>
      Object.assign(messages(puts), {
        get counts() {
          return counts
        },
      }),
  }
  const state = { position: NDArray.zeros([7], 'float64'), velocity: null, t: 1, sequence: 1 }
  const robot = { peekData: async () => [{ data: serialize(state) } as Message] }
  const asker = { busy, ask: (image: NDArray<'uint8'>) => told.asked.push(image.at(0, 0, 0)) }
  const peers = { camera, robot, asker, frames } as unknown as ControllerPeers
  await runController(peers, new AbortController().signal, (report) => told.met.push((report as MetReport).met))
  return told
}

async function* messages(puts: readonly Put[]): AsyncGenerator<Message> {
  for (const { epoch, sequence, frameId, camera, crc } of puts) {
    const image = NDArray.fromBytes(new Uint8Array(12).fill(frameId), 'uint8', [2, 2, 3])
    const captureTimeS = steadyClockUs() / 1e6
    const frame = { image, frameId, captureTimeS, crc32: crc ?? crc32(image.toBytes()), camera }
    yield { epoch, sequence, lostBefore: 0, captureTimeS, data: serialize(frame) } as Message
  }
}

const inOrder = [
  { epoch: 'one', sequence: 1, frameId: 1, camera: 100 },
  { epoch: 'one', sequence: 2, frameId: 2, camera: 100 },
  { epoch: 'two', sequence: 1, frameId: 3, camera: 200 },
]

it('sees every frame, tells of each camera, and asks about each frame when the policy is free', async () => {
  expect(await follow(inOrder)).toEqual({ seen: [1, 2, 3], lost: 0, wrong: [], met: [100, 200], asked: [1, 2, 3] })
})

it('goes on with the frames while the policy is busy', async () => {
  expect(await follow(inOrder, { busy: true })).toMatchObject({ seen: [1, 2, 3], asked: [] })
})

it('tells a torn picture, and a frame that comes twice', async () => {
  const [first, second] = inOrder as [Put, Put, Put]
  expect((await follow([{ ...first, crc: 1 }])).wrong).toEqual(['frame 1 is not the picture that the camera put'])
  expect((await follow([second, { ...second, epoch: 'two' }])).wrong).toContain('frame 2 came after frame 2')
})
