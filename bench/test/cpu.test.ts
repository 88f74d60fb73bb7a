import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { sharesOfCpu } from '../src/cpu.ts'
import { RoleProcess } from '../src/role-process.ts'

/** Works on command, in its main thread or in another. */
const WORKER = `
const { Worker } = require('node:worker_threads')
const work = 'const end = performance.now() + 300; while (performance.now() < end);'
process.stdin.setEncoding('utf8').on('data', (text) => {
  const { id, command } = JSON.parse(text)
  const answer = () => console.log(JSON.stringify({ id, result: null }))
  if (command === 'main') { eval(work); answer() }
  else new Worker(work, { eval: true }).on('exit', () => setTimeout(answer, 1))
})`

let role: RoleProcess | undefined
afterEach(() => role?.close())

describe('the share of a CPU', () => {
  it('is that of the main thread, or of all', async () => {
    role = new RoleProcess('the worker', process.execPath, ['-e', WORKER])
    const worker = role
    await worker.ask('main')
    const share = async (threads: 'main' | 'all', work: () => Promise<unknown>) =>
      (await sharesOfCpu([worker.pid!], threads, work)).shares[0]!
    const idle = await share('all', () => sleep(500))
    expect(await share('main', () => worker.ask('main'))).toBeGreaterThan(2 * idle)
    let main = 0
    const all = await share('all', async () => {
      main = await share('main', () => worker.ask('thread'))
    })
    expect(all).toBeGreaterThan(1.2 * main)
  })

  it('is not told of a process that is gone', async () => {
    role = new RoleProcess('the worker', process.execPath, ['-e', ''])
    const { pid } = role
    await role.close()
    await expect(sharesOfCpu([pid!], 'main', async () => {})).rejects.toThrow()
  })
})
