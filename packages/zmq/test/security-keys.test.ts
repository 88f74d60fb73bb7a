import { chmodSync, chownSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { curveKeyPair } from 'zeromq'
import { generateKeyPair, publicKeyOf, readPublicKeys, readSecretKey, writeKeyPair } from '../src/index.ts'
import { parseAllowedIps } from '../src/security/allowed-addresses.ts'
import { isKey } from '../src/security/key.ts'
import { decodeZ85, encodeZ85 } from '../src/security/z85.ts'
import { temporaryFolder } from './support/endpoints.ts'

const invalid = (text: string) =>
  expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(text) })
const denied = (text: string) =>
  expect.objectContaining({ code: 'PERMISSION_DENIED', message: expect.stringContaining(text) })

function file(text: string, mode = 0o600): string {
  const path = join(temporaryFolder(), 'keys')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

describe('keys', () => {
  test('bytes become the text of the standard, and come back', () => {
    // The example of ZeroMQ RFC 32.
    const bytes = Buffer.from('864fd26fb559f75b', 'hex')
    expect(encodeZ85(bytes)).toBe('HelloWorld')
    expect(decodeZ85('HelloWorld')).toEqual(bytes)
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        expect(decodeZ85(encodeZ85(key))).toEqual(Buffer.from(key))
      }),
    )
    for (const text of ['short', '#'.repeat(40), '"'.repeat(40), 'a'.repeat(41), 'é'.repeat(40)])
      expect(isKey(text)).toBe(false)
  })

  test('a public key follows from its secret key as ZeroMQ has it', () => {
    for (let round = 0; round < 20; round++) {
      const { publicKey, secretKey } = curveKeyPair()
      expect(publicKeyOf(secretKey)).toBe(publicKey)
    }
    expect(() => publicKeyOf('no key')).toThrow(invalid('rmq keygen'))
  })
})

describe('key files', () => {
  test('what is written can be read, by this user alone', () => {
    const path = join(temporaryFolder(), 'robot.key')
    const { publicKey, secretKey } = writeKeyPair(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readSecretKey(path)).toBe(secretKey)
    expect(readPublicKeys(`${path}.pub`)).toEqual([publicKey])
    expect(readFileSync(`${path}.pub`, 'utf8')).not.toContain(secretKey)
  })

  test('a file that is there is not replaced unless asked for', () => {
    const path = join(temporaryFolder(), 'robot.key')
    const { secretKey } = writeKeyPair(path)
    expect(() => writeKeyPair(path)).toThrow(invalid('is there already'))
    expect(readSecretKey(path)).toBe(secretKey)
    chmodSync(path, 0o644)
    writeKeyPair(path, { force: true })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readSecretKey(path)).not.toBe(secretKey)
  })

  test('a link is replaced, not what it leads to', () => {
    const victim = file('precious', 0o644)
    const path = join(temporaryFolder(), 'robot.key')
    symlinkSync(victim, path)
    expect(() => writeKeyPair(path)).toThrow(invalid('is there already'))
    writeKeyPair(path, { force: true })
    expect(readFileSync(victim, 'utf8')).toBe('precious')
  })

  test('keys that cannot be written leave no half of them', () => {
    const path = join(temporaryFolder(), 'missing', 'robot.key')
    expect(() => writeKeyPair(path)).toThrow(invalid('cannot be written'))
    expect(existsSync(`${path}.pub`)).toBe(false)
  })

  test('a secret key may stand alone', () => {
    const { secretKey } = generateKeyPair()
    expect(readSecretKey(file(`${secretKey}\n`))).toBe(secretKey)
    expect(readSecretKey(file(`# mine\n${secretKey}`, 0o400))).toBe(secretKey)
  })

  test.each([0o644, 0o640, 0o604, 0o660, 0o610])(
    'a secret key with mode %o is refused with the command that mends it',
    (mode) => {
      const path = file(generateKeyPair().secretKey, mode)
      expect(() => readSecretKey(path)).toThrow(denied(`chmod 600 ${path}`))
    },
  )

  test.runIf(process.geteuid?.() === 0)('a key of another user is refused', () => {
    const path = file(generateKeyPair().secretKey)
    chownSync(path, 65534, 65534)
    expect(() => readSecretKey(path)).toThrow(denied('chown 0'))
  })

  test('public keys stand one a line, with remarks', () => {
    const [a, b] = [generateKeyPair().publicKey, generateKeyPair().publicKey]
    expect(readPublicKeys(file(`# who may come\n\n${a} arm\r\n  ${b}\n`, 0o644))).toEqual([a, b])
    expect(() => readPublicKeys(file(`${a}\nnobody\n`))).toThrow(invalid('line 2'))
    expect(() => readPublicKeys(file('# none\n'))).toThrow(invalid('no public key'))
  })

  test('a list that others may change is refused, and a secret key in place of a public one', () => {
    const path = file(generateKeyPair().publicKey, 0o666)
    expect(() => readPublicKeys(path)).toThrow(denied(`chmod go-w ${path}`))
    const keys = join(temporaryFolder(), 'robot.key')
    writeKeyPair(keys)
    expect(() => readPublicKeys(keys)).toThrow(invalid('.pub'))
    expect(() => readSecretKey(`${keys}.pub`)).toThrow(denied('chmod 600'))
  })

  test('what is no file of keys is refused', () => {
    expect(() => readSecretKey(join(temporaryFolder(), 'none'))).toThrow(invalid('cannot be read'))
    expect(() => readSecretKey(temporaryFolder())).toThrow(invalid('no file of keys'))
    expect(() => readSecretKey(file('hello'))).toThrow(invalid('no secret key'))
    expect(() => readSecretKey(file('x'.repeat(2 ** 21)))).toThrow(invalid('no file of keys'))
  })
})

describe('allowed addresses', () => {
  test.each<[string[], string, boolean]>([
    [['127.0.0.1'], '127.0.0.1', true],
    [['127.0.0.2'], '127.0.0.1', false],
    [['10.0.0.0/8', '192.168.1.0/24'], '192.168.1.77', true],
    [['192.168.1.0/24'], '192.168.2.1', false],
    [['0.0.0.0/0'], '8.8.8.8', true],
    [['10.1.0.0/16'], '::ffff:10.1.2.3', true],
    [['fd00::/8'], 'fd12::1', true],
    [['fd00::/8'], '10.0.0.1', false],
    [['10.0.0.1'], '', false],
    [['10.0.0.1'], 'nonsense', false],
  ])('%j and %s: %s', (list, address, allowed) => {
    expect(parseAllowedIps(list)(address)).toBe(allowed)
  })

  test.each([[[]], [['10.0.0.1/33']], [['robot']], [['10.0.0.1/']], [['10.0.0']], ['10.0.0.1'], [[7]]])(
    '%j is refused',
    (list) => {
      expect(() => parseAllowedIps(list)).toThrow(invalid('allowedIps'))
    },
  )
})
