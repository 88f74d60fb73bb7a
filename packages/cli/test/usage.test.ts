import { readFileSync } from 'node:fs'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { killAll, rmq } from './support/rmq.ts'
import { freshEndpoint, removeFolders, temporaryFolder } from './support/serve.ts'

afterEach(killAll)
afterAll(removeFolders)

const COMMANDS = ['serve', 'list', 'status', 'echo', 'put', 'peek', 'pop', 'request', 'shm', 'doctor']

describe('help and version', () => {
  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    expect(await rmq('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('--help names every command', async () => {
    const { code, stdout } = await rmq('--help')
    expect(code).toBe(0)
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
  })

  test.each(COMMANDS)('help %s', async (command) => {
    const { code, stdout, stderr } = await rmq('help', command)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: rmq ${command}`)
  })
})

describe('wrong usage ends with 2, says what to do on stderr and prints nothing on stdout', () => {
  const E = 'ipc:///tmp/rmq-cli-nobody/s'
  test.each<[string, string[], string | RegExp]>([
    ['no command', [], 'Usage: rmq'],
    ['an unknown command', ['peke', E, 't'], 'Did you mean peek'],
    ['an unknown option', ['peek', E, 't', '--josn'], 'Did you mean --json'],
    ['a missing topic', ['peek', E], "missing required argument 'TOPIC'"],
    ['one argument too many', ['list', E, 't'], 'too many arguments'],
    ['a count that is no number', ['peek', E, 't', '-n', 'two'], 'whole number'],
    ['a fraction as count', ['pop', E, 't', '-n', '1.5'], 'whole number'],
    ['a timeout of 0', ['list', E, '--timeout', '0'], 'greater than 0'],
    ['a timeout that no timer can hold', ['list', E, '--timeout', '1e9'], 'At most'],
    ['--raw and --json', ['peek', E, 't', '--raw', '--json'], 'cannot be used with'],
    ['--file and --data', ['put', E, 't', '--file', 'f', '--data', 'd'], 'cannot be used with'],
    ['an empty payload', ['put', E, 't', '--data', ''], 'is empty'],
    ['an empty stdin', ['request', E, 't'], 'stdin is empty'],
    ['a rate of 0', ['put', E, 't', '--data', 'd', '--rate', '0'], 'greater than 0'],
    ['a hexadecimal count', ['put', E, 't', '--data', 'd', '--count', '0x10'], 'whole number'],
    ['an endpoint of no known kind', ['status', 'http://localhost', 't'], 'ipc://'],
    ['an endpoint without a port', ['status', 'tcp://localhost', 't'], 'tcp://127.0.0.1:5555'],
    ['shm without a command', ['shm'], 'Usage: rmq shm'],
    ['an unknown command of shm', ['shm', 'sl'], 'Did you mean ls'],
    ['an unknown option of shm clean', ['shm', 'clean', '--dryrun'], 'Did you mean --dry-run'],
    ['doctor of an endpoint of no known kind', ['doctor', '--endpoint', 'http://localhost'], 'ipc://'],
    ['serve without an endpoint', ['serve', '--topic', 't:1'], '--endpoint'],
    ['a topic without a time to live', ['serve', '--endpoint', E, '--topic', 'camera'], 'NAME:TTL_S'],
    ['a topic without a name', ['serve', '--endpoint', E, '--topic', ':5'], 'NAME:TTL_S'],
    ['a negative time to live', ['serve', '--endpoint', E, '--topic', 'a:-5'], 'TTL_S must be a number greater than 0'],
    ['a shared memory topic without a size', ['serve', '--endpoint', E, '--shm-topic', 'a:5'], 'NAME:TTL_S:SIZE_MB'],
  ])('%s', async (_what, args, told) => {
    const { code, stdout, stderr } = await rmq(...args)
    expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(told)
  })

  test('a topic name that is too long', async () => {
    const endpoint = freshEndpoint()
    const { code, stderr } = await rmq('serve', '--endpoint', endpoint, '--topic', `${'n'.repeat(256)}:5`)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('255') })
  })
})

test('control characters of arguments do not reach the terminal', async () => {
  const { stderr } = await rmq('status', 'x\u001b[2J://\u009b', 't')
  expect(stderr).toContain('x\\e[2J://\\u{9b}')
})

test('a file that is not there is a failure', async () => {
  const missing = `${temporaryFolder()}/missing`
  const { code, stderr } = await rmq('put', freshEndpoint(), 't', '--file', missing)
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(missing) })
})
