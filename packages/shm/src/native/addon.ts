import { createRequire } from 'node:module'
import { RmqError } from '@rmq/core'
import type { NativeAddon } from './addon-types.ts'
import { type FoundAddon, findAddon } from './find-addon.ts'

const ARCHITECTURES = ['x64', 'arm64']
const REMEDY =
  'Install g++, cmake and make (Debian, Ubuntu: apt-get install g++ cmake make) and run `npm rebuild @rmq/shm`. ' +
  'Everything but shared memory works without it'

/** What was loaded, and from where. */
export interface AddonDescription extends FoundAddon {
  /** The version of the memory layout. */
  readonly abi: number
}

let outcome: { readonly addon: NativeAddon; readonly found: FoundAddon } | RmqError | undefined

/**
 * Loads the native addon, on first use.
 * @throws {RmqError} UNSUPPORTED on systems that it is not written for, NATIVE_ADDON_MISSING where there is none to load
 */
export function loadAddon(): NativeAddon {
  return load().addon
}

/**
 * Where the native addon comes from; loads it.
 * @throws {RmqError} as {@link loadAddon}
 */
export function describeAddon(): AddonDescription {
  const { addon, found } = load()
  return { ...found, abi: addon.abi }
}

function load() {
  outcome ??= tryLoad()
  if (outcome instanceof RmqError) throw outcome
  return outcome
}

function tryLoad() {
  const here = `${process.platform}-${process.arch}`
  if (process.platform !== 'linux' || !ARCHITECTURES.includes(process.arch)) {
    return new RmqError('UNSUPPORTED', `shared memory topics need Linux on x64 or arm64; this is ${here}`)
  }
  const found = findAddon()
  if (typeof found === 'string') return missing(found)
  try {
    return { addon: createRequire(import.meta.url)(found.path) as NativeAddon, found }
  } catch (cause) {
    return missing(`${found.path} cannot be loaded (${(cause as Error).message})`, { cause })
  }
}

function missing(why: string, options?: ErrorOptions): RmqError {
  return new RmqError('NATIVE_ADDON_MISSING', `the native addon of @rmq/shm is missing: ${why}. ${REMEDY}`, options)
}
