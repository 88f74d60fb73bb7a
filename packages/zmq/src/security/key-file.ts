import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { RmqError } from '@rmq/core'
import { errorCode } from '../zmq-error.ts'
import { generateKeyPair, isKey, type KeyPair } from './key.ts'

/** A key of its own line, or of a ZeroMQ certificate, which pyzmq and czmq read too. */
const PUBLIC_LINE = /^\s*public-key\s*=\s*"(.{40})"\s*$/
const SECRET_LINE = /^\s*secret-key\s*=\s*"(.{40})"\s*$/
const OTHER_LINE = /^\s*(#.*|metadata|curve)?\s*$/
/** A longer file is no file of keys. */
const MOST_BYTES = 1024 * 1024

/**
 * The secret key in a file that is this user's alone.
 * @throws PERMISSION_DENIED where others may access it, INVALID_ARGUMENT where it cannot be read or holds no secret key
 */
export function readSecretKey(path: string): string {
  const lines = readLines(path, 'secret')
  for (const line of lines) {
    const key = SECRET_LINE.exec(line)?.[1] ?? line.trim()
    if (isKey(key)) return key
  }
  throw invalid(path, 'holds no secret key: `rmq keygen` makes such files')
}

/**
 * The public keys in a file: one a line, with a remark behind it or not, or that of a `.pub` file.
 * @throws PERMISSION_DENIED where others may write to it, INVALID_ARGUMENT where it cannot be read or holds anything else
 */
export function readPublicKeys(path: string): string[] {
  const keys: string[] = []
  for (const [index, line] of readLines(path, 'public').entries()) {
    if (SECRET_LINE.test(line)) throw invalid(path, 'holds a secret key: hand out its .pub file instead')
    const key = PUBLIC_LINE.exec(line)?.[1] ?? line.trim().split(/\s+/)[0]!
    if (isKey(key)) keys.push(key)
    else if (!OTHER_LINE.test(line)) throw invalid(path, `has no public key in line ${index + 1}: write one key a line`)
  }
  if (keys.length === 0) throw invalid(path, 'holds no public key')
  return keys
}

/**
 * Makes a pair of keys: the secret one in a file of this user's alone, the public one in `path.pub`.
 * @param options force: replaces files that are there
 * @throws INVALID_ARGUMENT where one of them is there, or cannot be written
 */
export function writeKeyPair(path: string, { force = false }: { readonly force?: boolean } = {}): KeyPair {
  const pair = generateKeyPair()
  const publicPath = `${path}.pub`
  const publicText = `curve\n    public-key = "${pair.publicKey}"\n`
  try {
    for (const existing of force ? [] : [path, publicPath].filter((file) => existsSync(file))) {
      throw invalid(
        existing,
        'is there already: choose another path, or force it, which locks out whoever uses that key',
      )
    }
    // A new file: the mode of one that is there, or what a link leads to, would be kept.
    for (const file of [path, publicPath]) rmSync(file, { force: true })
    writeFileSync(path, `# Secret: keep it to yourself.\n${publicText}    secret-key = "${pair.secretKey}"\n`, {
      mode: 0o600,
      flag: 'wx',
    })
    writeFileSync(publicPath, publicText, { mode: 0o644, flag: 'wx' })
  } catch (thrown) {
    if (RmqError.isInstance(thrown)) throw thrown
    throw new RmqError('INVALID_ARGUMENT', `Keys cannot be written to ${quoted(path)}: ${reason(thrown)}.`, {
      cause: thrown,
    })
  }
  return pair
}

function readLines(path: string, kind: 'secret' | 'public'): string[] {
  let file: number
  try {
    // Does not wait where the path leads to a pipe.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (thrown) {
    const code = errorCode(thrown) === 'EACCES' ? 'PERMISSION_DENIED' : 'INVALID_ARGUMENT'
    throw new RmqError(code, `Key file ${quoted(path)} cannot be read: ${reason(thrown)}.`, { cause: thrown })
  }
  try {
    const stats = fstatSync(file)
    if (!stats.isFile() || stats.size > MOST_BYTES) throw invalid(path, 'is no file of keys')
    requireOwn(path, stats, kind)
    return readFileSync(file, 'utf8').split('\n')
  } finally {
    closeSync(file)
  }
}

/** Whoever else may read a secret key has it; whoever may write public keys decides who is trusted. */
function requireOwn(path: string, { mode, uid }: { mode: number; uid: number }, kind: 'secret' | 'public'): void {
  const me = process.geteuid?.()
  if (me === undefined) return
  const permissions = (mode & 0o777).toString(8).padStart(4, '0')
  if (kind === 'secret' && (mode & 0o077) !== 0) {
    throw denied(path, `can be accessed by other users (mode ${permissions})`, `chmod 600 ${shellWord(path)}`)
  }
  if (kind === 'public' && (mode & 0o022) !== 0) {
    throw denied(path, `can be changed by other users (mode ${permissions})`, `chmod go-w ${shellWord(path)}`)
  }
  // What is root's, everybody has to trust anyway.
  if (uid !== me && !(kind === 'public' && uid === 0)) {
    throw denied(path, `belongs to user ${uid}, and this is user ${me}`, `chown ${me} ${shellWord(path)}`)
  }
}

function denied(path: string, what: string, remedy: string): RmqError {
  return new RmqError('PERMISSION_DENIED', `Key file ${quoted(path)} ${what}: run \`${remedy}\`.`)
}

function invalid(path: string, what: string): RmqError {
  return new RmqError('INVALID_ARGUMENT', `Key file ${quoted(path)} ${what}.`)
}

function quoted(path: string): string {
  return JSON.stringify(path)
}

function shellWord(path: string): string {
  return /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}

function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
