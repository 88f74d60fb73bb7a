import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import type { SharedTopicStore } from '@rmq/core'

/** Where some words of a segment lie; native/ring/layout.hpp has them all. */
export const WORD = { LOCK: 0x100, POISON: 0x300, ARMED: 0x1c0 } as const

function withFile<T>(store: SharedTopicStore, use: (fd: number) => T): T {
  const fd = openSync(store.description.place!.path, 'r+')
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}

export function readWord(store: SharedTopicStore, offset: number): number {
  const word = Buffer.alloc(4)
  withFile(store, (fd) => readSync(fd, word, 0, 4, offset))
  return word.readUInt32LE()
}

/** What a process does that scribbles, or that is stopped in the middle of a put. */
export function writeWord(store: SharedTopicStore, offset: number, value: number): void {
  const word = Buffer.alloc(4)
  word.writeUInt32LE(value)
  withFile(store, (fd) => writeSync(fd, word, 0, 4, offset))
}

/** The bell that the participant at this place gave the segment. */
export function bellOf(store: SharedTopicStore, place: number): string {
  const nonces = Buffer.alloc(16)
  withFile(store, (fd) => readSync(fd, nonces, 0, 16, 0x1000 + place * 256 + 32))
  const hex = [nonces.readBigUInt64LE(0), nonces.readBigUInt64LE(8)].map((nonce) =>
    nonce.toString(16).padStart(16, '0'),
  )
  return `/dev/shm/rmqbell-${hex.join('')}`
}
