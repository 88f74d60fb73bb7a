import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
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

test('only what is old and of a dead process is swept', () => {
  const dead = spawnSync('true').pid
  const files = (['dead', 'alive'] as const).flatMap((process_) =>
    (['old', 'fresh'] as const).map((age) => {
      const pid = process_ === 'dead' ? dead : process.pid
      const serial = { old: '0', fresh: '1' }[age].repeat(16)
      const path = pathOf(`rmq_${userInfo().username}_${pid}_${serial}_request`)
      writeFileSync(path, '')
      onTestFinished(() => rmSync(path, { force: true }))
      if (age === 'old') utimesSync(path, 0, Date.now() / 1000 - 3600)
      return { path, name: `${process_}, ${age}` }
    }),
  )
  const others = pathOf(`rmq_${userInfo().username}_${dead}_client_topic_request`)
  writeFileSync(others, '')
  utimesSync(others, 0, 0)
  onTestFinished(() => rmSync(others, { force: true }))
  const current = offerFile(Buffer.from('x'))
  onTestFinished(() => current.release())
  sweepOfferedFiles()
  expect(files.filter(({ path }) => !existsSync(path)).map(({ name }) => name)).toEqual(['dead, old'])
  expect(existsSync(others) && existsSync(pathOf(current.name))).toBe(true)
})
