import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { endPrograms, needPython, RunningProgram } from '@rmq/app-kit/testing'
import { deserialize, NDArray, RMQClient, serialize } from 'robotmq'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inferActions } from '../src/drift/infer-actions.ts'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const python = fileURLToPath(new URL('../python', import.meta.url))
let folder: string
let endpoint: string

function observation(seed: number, [height, width]: readonly [number, number] = [48, 64]) {
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const image = NDArray.fromBytes(
    Uint8Array.from({ length: height * width * 3 }, () => random() * 256),
    'uint8',
    [height, width, 3],
  )
  return {
    image,
    joints: NDArray.fromData(
      Float64Array.from({ length: 7 }, () => 6 * random() - 3),
      'float64',
    ),
  }
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rmq-policy-test-'))
  endpoint = `ipc://${folder}/policy`
})

afterEach(async () => {
  await endPrograms()
  rmSync(folder, { recursive: true, force: true })
})

describe('the policy', () => {
  it('drifts the joints with the mean colours', () => {
    const image = NDArray.fromBytes(Uint8Array.of(255, 0, 51), 'uint8', [1, 1, 3])
    const actions = inferActions(image, Float64Array.of(1, 2, 3, 4))
    expect(actions.shape).toEqual([16, 4])
    expect([0, 1, 2, 3].map((joint) => actions.at(15, joint))).toEqual([1.05, 1.95, 2.97, 4.05].map(Math.fround))
    expect(actions.at(7, 0)).toBe(Math.fround(1.025))
  })

  it('is the same in Python, to the last bit', async (context) => {
    const { file } = await needPython(context)
    const script = [
      'import sys, robotmq; from policy import infer_actions',
      'seen = robotmq.safe_deserialize(sys.stdin.buffer.read())',
      'answers = [infer_actions(o["image"], o["joints"]) for o in seen]',
      'sys.stdout.buffer.write(robotmq.safe_serialize(answers))',
    ].join('\n')
    const observations = Array.from({ length: 40 }, (_, seed) => observation(seed, [1 + 12 * seed, 640 - 16 * seed]))
    const env = { ...process.env, PYTHONPATH: python, PYTHONDONTWRITEBYTECODE: '1' }
    const output = execFileSync(file, ['-c', script], { input: serialize(observations), env, maxBuffer: 2 ** 26 })
    const answers = deserialize(output) as NDArray[]
    expect(answers).toHaveLength(40)
    for (const [index, { image, joints }] of observations.entries()) {
      expect(answers[index]!.dtype.name).toBe('float32')
      expect(answers[index]!.toBytes()).toEqual(inferActions(image, joints.data).toBytes())
    }
  })
})

describe.each(['TypeScript', 'Python'])('the policy server in %s', (language) => {
  it('answers observations, survives a bad one, and leaves cleanly', async (context) => {
    const [command, file] =
      language === 'Python'
        ? [(await needPython(context)).file, path.join(python, 'policy_server.py')]
        : [process.execPath, main]
    const args = [file, '--endpoint', endpoint, '--report']
    const program = new RunningProgram(command, args, { PYTHONDONTWRITEBYTECODE: '1' })
    await program.printed(`listening on ${endpoint}`)
    const client = await RMQClient.connect('test', endpoint)
    const ask = async (value: unknown) => deserialize(await client.requestWithData('inference', serialize(value)))
    const { image, joints } = observation(1, [480, 640])
    const expected = inferActions(image, joints.data).toBytes()
    const complaint = /observation.image must be uint8 \[height, width, 3\], got float64 \[7\]/
    const refused = ask({ image: joints, joints }).then((answer) => {
      throw new Error((answer as { error: string }).error) // Python's robotmq cannot refuse: its answer tells.
    })
    await expect(refused).rejects.toThrow(complaint)
    const { actions } = (await ask({ image, joints, request: 7 })) as { actions: NDArray }
    expect(actions.toBytes()).toEqual(expected)
    await program.printed(/^\{"request": ?7, ?"was": ?"ran"\}$/m)
    await client.close()
    expect(await program.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect(program.stderr).toBe('')
    expect(readdirSync(folder)).toEqual([])
  })
})
