import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { endPrograms, RunningProgram, waitFor } from '@rmq/app-kit/testing'
import { deserialize, type NDArray, RMQClient } from 'robotmq'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jointState } from '../src/joint-motion.ts'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rmq-robot-test-'))
})

afterEach(async () => {
  await endPrograms()
  rmSync(folder, { recursive: true, force: true })
})

describe('the robot', () => {
  it('puts the state of its joints 500 times a second, all in order', async () => {
    const endpoint = `ipc://${folder}/robot`
    const program = new RunningProgram(process.execPath, [main, '--endpoint', endpoint])
    await program.printed(`listening on ${endpoint}`)
    const client = await RMQClient.connect('test', endpoint)
    const enough = async () => (await client.getTopicStatus('joint_states')) >= 750 || undefined
    await waitFor(enough, '750 states')
    const messages = await client.peekData('joint_states', 0)
    await client.close()
    const states = messages.map(({ data }) => deserialize(data) as { position: NDArray; t: number; sequence: number })
    expect(states.map(({ sequence }) => sequence)).toEqual(states.map((_, index) => index + 1))
    const periodS = (states.at(-1)!.t - states[0]!.t) / (states.length - 1)
    expect(1 / periodS).toBeGreaterThan(450)
    expect(1 / periodS).toBeLessThan(550)
    expect(states[0]!.position.shape).toEqual([7])
    expect([...states[9]!.position.data]).toEqual([...jointState(states[9]!.t).position])
    expect(await program.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect(readdirSync(folder)).toEqual([])
  })

  it('rests when it is told to, and tells its final count', async () => {
    const endpoint = `ipc://${folder}/robot`
    const program = new RunningProgram(process.execPath, [
      main,
      '--endpoint',
      endpoint,
      '--report',
      '--until-stdin-closes',
    ])
    await program.printed(/"records":\d/)
    program.order('rest')
    await program.printed('"resting":true')
    const report = JSON.parse(program.stdout.match(/^.*"resting":true.*$/m)![0]) as { records: number; last: number }
    const client = await RMQClient.connect('test', endpoint)
    const [newest] = await client.peekData('joint_states', -1)
    expect(report).toMatchObject({ records: newest!.sequence, last: newest!.sequence })
    await client.close()
    expect(await program.end('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  it('moves each joint as its velocity says', () => {
    const [before, now, after] = [0.999, 1, 1.001].map(jointState)
    for (let joint = 0; joint < 7; joint++) {
      const slope = (after!.position[joint]! - before!.position[joint]!) / 0.002
      expect(slope).toBeCloseTo(now!.velocity[joint]!, 5)
    }
  })
})
