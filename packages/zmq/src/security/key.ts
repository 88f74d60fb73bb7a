import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { RmqError } from '@rmq/core'
import { curveKeyPair } from 'zeromq'
import { decodeZ85, encodeZ85 } from './z85.ts'

/** A key of CURVE, as text of 40 characters. */
export interface KeyPair {
  readonly publicKey: string
  /** Whoever has it is you. */
  readonly secretKey: string
}

const KEY_CHARACTERS = 40

/** A new pair of keys, for a server or a client. */
export function generateKeyPair(): KeyPair {
  const { publicKey, secretKey } = curveKeyPair()
  return { publicKey, secretKey }
}

/** The public key that belongs to a secret one. @throws INVALID_ARGUMENT */
export function publicKeyOf(secretKey: string): string {
  requireKey(secretKey, 'The secret key')
  const der = Buffer.concat([X25519_PKCS8, decodeZ85(secretKey)!])
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' })
  return encodeZ85(spki.subarray(-32))
}

/** Whether a text can be a key. */
export function isKey(text: string): boolean {
  return text.length === KEY_CHARACTERS && decodeZ85(text) !== undefined
}

/**
 * @param what the key is for, to begin the error with; the text itself may be a secret, and is not told
 * @throws INVALID_ARGUMENT
 */
export function requireKey(text: unknown, what: string): asserts text is string {
  if (typeof text === 'string' && isKey(text)) return
  const got = typeof text === 'string' ? `${text.length} characters` : typeof text
  throw new RmqError(
    'INVALID_ARGUMENT',
    `${what} must be a text of ${KEY_CHARACTERS} characters as \`rmq keygen\` makes it, got ${got} that are none.`,
  )
}

/** What stands before the 32 bytes of an X25519 key in a PKCS #8 file (RFC 8410). */
const X25519_PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')
