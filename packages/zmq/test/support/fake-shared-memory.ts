import { randomBytes } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { heapHome, type RecordReference, type ReferredRecord, type TopicHome } from '@rmq/core'
import { onTestFinished } from 'vitest'

const SLOT_BYTES = 2 ** 20
const SLOTS = 32

/** A home of topics that tell their records by reference into a real file, with a slot of the file for each lease. */
export interface FakeSharedMemory {
  readonly home: TopicHome
  readonly name: string
  /** Leases that are given out at once; beyond them records come with their bytes. */
  maxLeases: number
  /** References that were not released. */
  readonly leased: number
  /** References given out so far. */
  readonly given: number
  /** Called before each `refer`. */
  onRefer: (n: number, take: boolean) => void
  /** The bytes at a place of the file, as a client reads them. */
  read(start: number, byteLength: number): Buffer
}

/** The bytes of a released lease are overwritten at once: whoever reads them later does not get the record. */
export function fakeSharedMemory(): FakeSharedMemory {
  const name = `rmq-test.${randomBytes(8).toString('hex')}`
  const path = `/dev/shm/${name}`
  const file = openSync(path, 'wx+', 0o600)
  ftruncateSync(file, SLOTS * SLOT_BYTES)
  // All zero is a mutex that nobody holds.
  writeFileSync(`${path}_mutex`, Buffer.alloc(64), { mode: 0o600 })
  onTestFinished(() => {
    closeSync(file)
    rmSync(`${path}_mutex`)
    rmSync(path)
  })
  const free = Array.from({ length: SLOTS }, (_, slot) => slot)
  const memory = {
    name,
    maxLeases: 16,
    given: 0,
    onRefer: () => {},
    get leased() {
      return SLOTS - free.length
    },
    read(start: number, byteLength: number) {
      const bytes = Buffer.alloc(byteLength)
      readSync(file, bytes, 0, byteLength, start)
      return bytes
    },
  } as Omit<FakeSharedMemory, 'home'> & { given: number }
  const lease = (data: Uint8Array): RecordReference => {
    const slot = free.shift()!
    // Records begin anywhere, also at the end of their memory.
    const start = (slot + 1) * SLOT_BYTES - data.byteLength
    writeSync(file, data, 0, data.byteLength, start)
    memory.given += 1
    let held = true
    const release = () => {
      if (!held) return
      held = false
      writeSync(file, Buffer.alloc(data.byteLength, 0xee), 0, data.byteLength, start)
      free.push(slot)
    }
    const copy = () => {
      const bytes = Buffer.alloc(data.byteLength)
      readSync(file, bytes, 0, data.byteLength, start)
      return bytes
    }
    return { name, totalBytes: SLOTS * SLOT_BYTES, start, byteLength: data.byteLength, copy, release }
  }
  const home: TopicHome = {
    // What `addTopic` asks for.
    kind: 'heap',
    create(description, clock) {
      const store = heapHome().create(description, clock)
      const refer = (n: number, take: boolean): ReferredRecord[] => {
        memory.onRefer(n, take)
        return (take ? store.take(n) : store.read(n)).map((record) => {
          if (memory.leased >= memory.maxLeases) return record
          return { ...record, data: new Uint8Array(0), reference: lease(record.data) }
        })
      }
      return Object.assign(store, { refer })
    },
  }
  return Object.assign(memory, { home })
}
