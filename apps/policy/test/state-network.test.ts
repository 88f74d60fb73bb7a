import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Actions, PolicyClient, PolicyGateway } from '@rmq/policy'
import { NDArray } from 'robotmq'
import { describe, expect, it, onTestFinished } from 'vitest'
import { networkPolicy } from '../src/network/network-policy.ts'
import { StateNetwork } from '../src/network/state-network.ts'
import { farthest, readGolden } from './support/golden.ts'

const GO2 = fileURLToPath(new URL('../assets/go2/policy.onnx', import.meta.url))
const LINEAR = fileURLToPath(new URL('../testdata/linear.onnx', import.meta.url))
/** Of numbers about 1: the last bits of float32 depend on the instructions that the processor has. */
const TOLERANCE = 1e-5

async function load(file: string): Promise<StateNetwork> {
  const network = await StateNetwork.load(file)
  onTestFinished(() => network.release())
  return network
}

describe.each([
  ['go2', GO2, 12],
  ['linear', LINEAR, 6],
] as const)('the network %s', (name, file, outputs) => {
  it.each([1, 8, 64])("answers as in Python's onnxruntime, %i states at a time", async (count) => {
    const network = await load(file)
    const golden = readGolden()
    const states = [...golden.states.rows()] as NDArray<'float32'>[]
    const actions: NDArray[] = []
    for (let at = 0; at < states.length; at += count) {
      actions.push(...(await network.infer(states.slice(at, at + count))))
    }
    expect(actions.map(({ shape, dtype }) => `${dtype.name} ${shape}`)).toEqual(
      states.map(() => `float32 1,${outputs}`),
    )
    expect(farthest(NDArray.stack(actions), golden[name])).toBeLessThan(TOLERANCE)
  })
})

it('says which file is no network, and why', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rmq-network-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'broken.onnx')
  writeFileSync(file, 'no network')
  await expect(StateNetwork.load(file)).rejects.toThrow(`${file} cannot be used as a policy: `)
  await expect(StateNetwork.load(path.join(folder, 'none.onnx'))).rejects.toThrow('ENOENT')
})

describe('the policy of a network', () => {
  async function serve(
    maxBatch: number,
  ): Promise<{ gateway: PolicyGateway; ask: (state: unknown) => Promise<Actions> }> {
    const { policy, ...known } = networkPolicy(await load(LINEAR), 'linear', maxBatch)
    const gateway = await PolicyGateway.serve(policy, { ...known, openpi: { port: 0 } })
    onTestFinished(() => gateway.close())
    const client = await PolicyClient.connect(gateway.urls[0]!)
    onTestFinished(() => client.close())
    return { gateway, ask: (state) => client.infer({ state }) }
  }

  it.each([1, 8])(
    'gives each observation its own actions in batches of %i, and fails those that are none',
    async (size) => {
      const { gateway, ask } = await serve(size)
      const { states, linear } = readGolden()
      const asked = [...states.rows()].slice(0, 12)
      const wrong = ask(NDArray.zeros([44], 'float32'))
      const answers = asked.map(async (state, index) => {
        const { actions } = (await ask(state)) as { actions: NDArray }
        return farthest(actions, linear.slice(index))
      })
      await expect(wrong).rejects.toThrow('observation.state must be float32 [45], got float32 [44]')
      expect(Math.max(...(await Promise.all(answers)))).toBeLessThan(TOLERANCE)
      expect(gateway.health()).toMatchObject({ answered: 12, failed: 1 })
    },
  )

  it('takes float64 and lists too, and refuses the rest', async () => {
    const { ask } = await serve(1)
    const { states, linear } = readGolden()
    const state = states.slice(3)
    for (const same of [state.astype('float64'), state.toNested(), state.reshape(1, 45)]) {
      expect(farthest((await ask(same))['actions'] as NDArray, linear.slice(3))).toBeLessThan(TOLERANCE)
    }
    await expect(ask('standing')).rejects.toThrow('observation.state must be float32 [45], got string')
    await expect(ask(['0'])).rejects.toThrow('got a list of 1')
    await expect(ask(NDArray.zeros([45], 'int32'))).rejects.toThrow('got int32 [45]')
  })
})
