import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { RoleProcess } from '../src/role-process.ts'
import { requireSharedMemory } from '../src/shared-memory.ts'
import type { Side } from '../src/side.ts'
import { Skip } from '../src/skip.ts'
import { Stage } from '../src/stage.ts'

const idle: Side = {
  name: 'nobody',
  start: () => new RoleProcess('the role', process.execPath, ['-e', 'process.stdin.resume()']),
}
const stages: Stage[] = []
const newStage = () => {
  const stage = new Stage()
  stages.push(stage)
  return stage
}
afterEach(() => Promise.all(stages.splice(0).map((stage) => stage.close())))

/** One that has ended and that nobody has asked about yet (`Z`) is not. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

describe('a stage', () => {
  it('takes away what its roles leave in shared memory', async () => {
    const stage = newStage()
    const { pid } = stage.start(idle, 'server')
    const other = `/dev/shm/rmq_someone_${pid}_else_frames`
    const left = [`/dev/shm/rmq_someone_${pid}_bench_frames`, `/dev/shm/${stage.prefix}service`, stage.folder]
    for (const file of [other, ...left.slice(0, 2)]) writeFileSync(file, '')
    try {
      await stage.close()
      expect(left.filter((file) => existsSync(file))).toEqual([])
      expect(existsSync(other)).toBe(true)
    } finally {
      rmSync(other)
    }
  })

  it('kills its roles and programs when it must, and what those started', async () => {
    const stage = newStage()
    const role = stage.start(idle, 'server')
    const file = path.join(stage.folder, 'pid')
    const program = stage.output('sh', ['-c', `sleep 60 & echo $! > ${file}; wait`])
    const failed = expect(program).rejects.toThrow('sh ended with SIGKILL')
    await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toMatch(/\n$/), 10_000)
    const grandchild = Number(readFileSync(file, 'utf8'))
    await stage.kill()
    await failed
    expect(role.wasKilled).toBe(true)
    for (const pid of [role.pid!, grandchild]) await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 10_000)
    expect(existsSync(stage.folder)).toBe(false)
  })

  it('hands over what a program wrote, or its complaint', async () => {
    const stage = newStage()
    expect(await stage.output(process.execPath, ['-p', '6 * 7'])).toBe('42\n')
    await expect(stage.output(process.execPath, ['-e', 'throw new Error("out of luck")'])).rejects.toThrow(
      'out of luck',
    )
  })
})

describe('shared memory', () => {
  it('is asked for before it runs out', () => {
    expect(() => requireSharedMemory(4096)).not.toThrow()
    expect(() => requireSharedMemory(2 ** 60)).toThrow(Skip)
  })
})
