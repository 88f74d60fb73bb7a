import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { offerFile, sweepOfferedFiles } from '../../src/robotmq/offered-file.ts'
import { robotmqReferences } from '../../src/robotmq/reference-exchange.ts'
import { pathOf } from './support/shared-file.ts'

test('bytes lie in a file that any server may read, until released', () => {
  const file = robotmqReferences().offer(Buffer.from('observation'))
  onTestFinished(() => file.release())
  expect(file).toMatchObject({ totalBytes: 11, start: 0, byteLength: 11 })
  expect(readFileSync(pathOf(file.name), 'utf8')).toBe('observation')
  expect(statSync(pathOf(file.name)).mode & 0o777).toBe(0o644 & ~process.umask())
  expect(file.name.startsWith(`rmq_${userInfo().username}_${process.pid}_`)).toBe(true)
  file.release()
  file.release()
  expect(existsSync(pathOf(file.name))).toBe(false)
})

test('what a killed process offered is swept, and nothing that anybody has open', async () => {
  const program = `
    import { offerFile } from '${new URL('../../dist/robotmq/offered-file.js', import.meta.url)}'
    console.log(offerFile(Buffer.from('observation')).name)
    setInterval(() => {}, 1000)`
  const other = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void other.kill('SIGKILL'))
  const path = pathOf(String((await once(other.stdout, 'data'))[0]).trim())
  onTestFinished(() => rmSync(path, { force: true }))
  const python = pathOf(`rmq_${userInfo().username}_1_client_topic_request`)
  writeFileSync(python, '')
  onTestFinished(() => rmSync(python, { force: true }))
  const current = offerFile(Buffer.from('x'))
  onTestFinished(() => current.release())

  sweepOfferedFiles()
  expect([path, python, pathOf(current.name)].map((file) => existsSync(file))).toEqual([true, true, true])
  other.kill('SIGKILL')
  await once(other, 'exit')
  sweepOfferedFiles()
  expect([path, python, pathOf(current.name)].map((file) => existsSync(file))).toEqual([false, true, true])
})
