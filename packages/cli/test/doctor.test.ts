import { afterAll, afterEach, expect, test } from 'vitest'
import type { Finding } from '../src/doctor/finding.ts'
import { describeWithOwnFolder, OwnFolder } from './support/own-folder.ts'
import { killAll, RMQ, rmq } from './support/rmq.ts'
import { freshEndpoint, removeFolders } from './support/serve.ts'

afterEach(killAll)
afterAll(removeFolders)

const wrongOf = (json: string) => (JSON.parse(json) as Finding[]).filter(({ level }) => level !== 'ok')

test('an endpoint that nobody answers at is a problem', async () => {
  const { code, stdout, stderr } = await rmq('doctor', '--endpoint', freshEndpoint(), '--timeout', '0.2')
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/\d problems? found/) })
  expect(stdout).toMatch(/^problem +ipc:.*\n {9}→ Start it \(`rmq serve/m)
})

describeWithOwnFolder('rmq doctor', () => {
  test('in the room that Docker gives, with a server that was killed and one that serves', async () => {
    const folder = await OwnFolder.make('64m')
    const serve = async (topic: string) => {
      const endpoint = freshEndpoint()
      const server = folder.startRmq('serve', '--endpoint', endpoint, '--shm-topic', `${topic}:60:4`)
      await server.until(({ stdout }) => stdout.includes('listening on'))
      return { server, endpoint }
    }
    const [{ endpoint }, killed] = await Promise.all([serve('camera'), serve('killed')])
    await killed.server.end('SIGKILL')

    const { code, stdout } = await folder.rmq('doctor', '--endpoint', endpoint)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ok +Node\.js /m)
    expect(stdout).toMatch(/^ok +topic "camera" is read in shared memory$/m)
    expect(stdout).toMatch(/^warn +\/dev\/shm has 67\.1 MB, .*Docker.*\n {9}→ .*--shm-size/m)
    expect(stdout).toMatch(/^warn +1 file of robotmq’s TypeScript programs, .*\n {9}→ Run `rmq shm clean`\.$/m)

    await folder.sh('rm /dev/shm/rmq.*; head -c 64m /dev/zero > /dev/shm/unrelated || true')
    const full = await folder.rmq('doctor', '--json')
    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining('problem') })
    expect(wrongOf(full.stdout)).toContainEqual(expect.objectContaining({ level: 'problem', check: 'shm-size' }))
  })

  test('under limits and a read-only /dev/shm', async () => {
    const folder = await OwnFolder.make('256m')
    const doctor = (limits: string) =>
      folder.start('sh', '-c', `${limits} && exec "$@"`, 'sh', process.execPath, RMQ, 'doctor', '--json').exited
    const limited = await doctor('ulimit -n 128 && ulimit -f 2048 && umask 077')
    expect(limited.code).toBe(0)
    expect(wrongOf(limited.stdout).map(({ check }) => check)).toEqual(['umask', 'ulimit-nofile', 'ulimit-fsize'])
    const readOnly = await doctor('mount -o remount,ro /dev/shm')
    expect(readOnly.code).toBe(1)
    expect(wrongOf(readOnly.stdout).map(({ check }) => check)).toContain('shm')
  })
})
