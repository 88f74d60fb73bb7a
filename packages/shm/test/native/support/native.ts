import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { loadAddon } from '../../../src/native/addon.ts'
import {
  INFO,
  type NativeAttachOptions,
  type NativeBell,
  type NativeCreateOptions,
  type NativeFailure,
  type NativeSegment,
} from '../../../src/native/addon-types.ts'

export const addon = loadAddon()

/** The statuses' numbers by their names. */
export const S: Readonly<Record<string, number>> = Object.fromEntries(addon.statusNames.map((name, n) => [name, n]))

export const attachOptions: NativeAttachOptions = { lockTimeoutNs: 1e9 }
export const createOptions: NativeCreateOptions = {
  lockTimeoutNs: 1e9,
  capacityBytes: 1 << 20,
  maxRecords: 64,
  maxRecordBytes: 0,
  ttlNs: 0,
  participants: 16,
  leaseBudgetBytes: 1 << 20,
  description: 'words of the creator',
}

/** A folder in shared memory, gone with all in it when the test ends. */
export function sharedFolder(): string {
  const folder = mkdtempSync('/dev/shm/rmq-native-')
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function bellsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('rmqbell-'))
}

/** Fails the test where the addon answers with a failure. */
export function opened<T extends NativeSegment | NativeBell>(outcome: T | NativeFailure): T {
  if ('status' in outcome) throw new Error(`${addon.statusNames[outcome.status]}: ${outcome.reason}`)
  return outcome
}

/** Fails the test where the addon answers with anything but a failure. */
export function failed(outcome: NativeSegment | NativeBell | NativeFailure | undefined): NativeFailure {
  if (outcome === undefined || !('status' in outcome)) throw new Error('did not fail')
  return outcome
}

export function create(options: Partial<NativeCreateOptions> = {}, path = `${sharedFolder()}/s`) {
  const segment = opened(addon.createSegment(path, { ...createOptions, ...options }))
  onTestFinished(() => segment.close())
  return { path, segment }
}

export function attach(path: string): NativeSegment {
  const segment = opened(addon.attachSegment(path, attachOptions))
  onTestFinished(() => segment.close())
  return segment
}

export function text(bytes: ArrayBuffer | number): string {
  if (typeof bytes === 'number') throw new Error(`${addon.statusNames[Math.abs(bytes)]}`)
  return Buffer.from(bytes).toString()
}

export function put(segment: NativeSegment, data: string | Uint8Array): number {
  const sequence = segment.put(typeof data === 'string' ? Buffer.from(data) : data, 0)
  expect(sequence).toBeGreaterThan(0)
  return sequence
}

/** Leases the newest, or the record of that number. */
export function lease(segment: NativeSegment, sequence = 0): { slot: number; bytes: ArrayBuffer } {
  expect(addon.statusNames[segment.lease(sequence)]).toBe('OK')
  const slot = segment.info[INFO.SLOT]!
  return { slot, bytes: segment.leaseBytes(slot) }
}

/** Begins every program of another process or thread: the addon, and the segment at a path. */
export function preamble(): string {
  const resolve = createRequire(import.meta.url).resolve
  const folder = fileURLToPath(new URL('../../..', import.meta.url))
  return `
    const { createRequire } = await import('node:module')
    const addon = createRequire('file:///')(${JSON.stringify(resolve('node-gyp-build'))})(${JSON.stringify(folder)})
    const attach = (path) => {
      const segment = addon.attachSegment(path, { lockTimeoutNs: 1e9 })
      if (segment.status !== undefined) throw new Error(addon.statusNames[segment.status])
      return segment
    }
    const lease = (segment, sequence) => {
      const status = segment.lease(sequence)
      if (status !== 0) throw new Error(addon.statusNames[status])
      return segment.leaseBytes(segment.info[5])
    }
  `
}
