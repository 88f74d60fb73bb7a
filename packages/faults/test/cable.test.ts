import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { Cable, whyNoCable } from '../src/index.ts'

const missing = await whyNoCable()
if (missing !== undefined) {
  if (process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(missing)
  console.warn(`SKIPPED: ${missing}`)
}

function at({ enter }: { readonly enter: readonly string[] }, ...command: string[]): string {
  const [file, ...args] = [...enter, ...command]
  return execFileSync(file!, args, { encoding: 'utf8' })
}

test.skipIf(missing !== undefined)('two cables at once are strangers, and leave nothing behind', async () => {
  const cables = await Promise.all([Cable.open(), Cable.open({ bytesPerSecond: 1e6 })])
  onTestFinished(() => Promise.all(cables.map((cable) => cable.close())).then(() => {}))
  const networks = cables
    .flatMap(({ server, client }) => [server, client])
    .map((end) => at(end, 'readlink', '/proc/self/ns/net'))
  expect(new Set([...networks, readlinkSync('/proc/self/ns/net')]).size).toBe(5)
  expect(at(cables[1]!.client, 'tc', 'qdisc', 'show', 'dev', 'cable')).toContain('rate 8Mbit')
  await cables[0]!.pull()
  expect(at(cables[0]!.client, 'ip', 'link', 'show', 'cable')).toContain('NO-CARRIER')
  await cables[0]!.plug()
  expect(at(cables[0]!.client, 'ip', 'link', 'show', 'cable')).toContain('LOWER_UP')
  await Promise.all(cables.map((cable) => cable.close()))
  // Nobody is in them any more, so they are gone, and the cables with them.
  expect(() => at(cables[0]!.client, 'true')).toThrow()
})

test.skipIf(missing !== undefined)('a program that is killed leaves nothing behind either', async () => {
  const program = `
    import { Cable } from '@rmq/faults'
    const { server, client } = await Cable.open()
    console.log(server.enter.join() + client.enter.join())
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(child.stdout, 'data')
  const holders = [...String(said).matchAll(/--target=(\d+)/g)].map(([, pid]) => `/proc/${pid}`)
  expect(holders.map((path) => existsSync(path))).toEqual([true, true])
  child.kill('SIGKILL')
  await expect.poll(() => holders.some((path) => existsSync(path)), { timeout: 5000 }).toBe(false)
})
