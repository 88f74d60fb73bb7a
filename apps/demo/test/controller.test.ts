import { crc32 } from 'node:zlib'
import { inferActions } from '@rmq/app-policy'
import { deserialize, type Message, NDArray, RmqError, serialize, steadyClockUs } from 'robotmq'
import { expect, it } from 'vitest'
import { type ControllerPeers, runController } from '../src/roles/controller.ts'

const FRAMES = 5
const joints = Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)

interface Lie {
  readonly crc?: number
  readonly answer?: (right: NDArray<'float32'>) => unknown
  readonly refuse?: RmqError
}

/** Runs the controller for five frames with peers in memory. @returns what it told */
async function act({ crc, answer = (actions) => ({ actions }), refuse }: Lie = {}) {
  const told = { seen: 0, skipped: 0, wrong: [] as string[], lost: [] as string[] }
  const stop = new AbortController()
  const reporter = {
    seen: ({ skipped = 0 }) => {
      told.seen += 1
      told.skipped += skipped
    },
    wrong: (problem: string) => told.wrong.push(problem),
    lost: (_: number, problem: string) => told.lost.push(problem),
  }
  let sequence = 0
  const camera = {
    // Every other frame comes too late to be the newest.
    async peekData() {
      sequence += 2
      if (sequence > 2 * FRAMES) stop.abort(new Error('enough'))
      stop.signal.throwIfAborted()
      const image = NDArray.fromBytes(new Uint8Array(12).fill(sequence), 'uint8', [2, 2, 3])
      const captureTimeS = steadyClockUs() / 1e6
      const frame = { image, frameId: sequence, captureTimeS, crc32: crc ?? crc32(image.toBytes()) }
      return [{ sequence, epoch: 'one', captureTimeS, data: serialize(frame) } as Message]
    },
  }
  const state = serialize({ position: NDArray.fromData(joints, 'float64'), velocity: null, t: 1, sequence: 1 })
  const robot = { peekData: async () => [{ data: state } as Message] }
  const policy = {
    async requestWithData(_: string, data: Uint8Array) {
      if (refuse) throw refuse
      const observation = deserialize(data) as { image: NDArray<'uint8'>; joints: NDArray<'float64'> }
      return serialize(answer(inferActions(observation.image, observation.joints.data)))
    },
  }
  const peers = { camera, robot, policy, frames: reporter, requests: reporter } as unknown as ControllerPeers
  await expect(runController(peers, stop.signal)).rejects.toThrow('enough')
  return told
}

it('acts on each newest frame, counts those it passed over, and is content with right answers', async () => {
  expect(await act()).toEqual({ seen: 2 * FRAMES, skipped: FRAMES - 1, wrong: [], lost: [] })
})

it('tells a torn picture', async () => {
  expect((await act({ crc: 1 })).wrong[0]).toBe('frame 2 is not the picture that the camera put')
})

it.each([
  ['one bit', (right: NDArray<'float32'>) => ({ actions: flipped(right) })],
  ['shape', (right: NDArray<'float32'>) => ({ actions: right.reshape(7, 16) })],
  ['dtype', (right: NDArray<'float32'>) => ({ actions: right.astype('float64') })],
  ['no actions', () => ({ error: 'out of order' })],
])('tells an answer that is wrong in %s', async (_, answer) => {
  const { wrong } = await act({ answer })
  expect(wrong).toEqual(Array(FRAMES).fill('the policy answered with other actions than it must'))
})

it('counts a request without an answer as lost, and goes on', async () => {
  const { lost, seen } = await act({ refuse: new RmqError('TIMEOUT', 'no answer') })
  expect(lost).toEqual(Array(FRAMES).fill('TIMEOUT: no answer'))
  expect(seen).toBe(FRAMES)
})

function flipped(right: NDArray<'float32'>): NDArray {
  const bytes = Uint8Array.from(right.toBytes())
  bytes[100]! ^= 1
  return NDArray.fromBytes(bytes, 'float32', right.shape)
}
