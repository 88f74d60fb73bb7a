import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { RmqError } from '@rmq/core'
import type { NativeAddon } from './addon-types.ts'

/** Where package.json is, from `dist/native` as from `src/native`. */
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
const ARCHITECTURES = ['x64', 'arm64']

let outcome: NativeAddon | RmqError | undefined

/**
 * Loads the native addon, on first use.
 * @throws {RmqError} UNSUPPORTED on systems that it is not written for, NATIVE_ADDON_MISSING where it is not built
 */
export function loadAddon(): NativeAddon {
  outcome ??= tryLoad()
  if (outcome instanceof RmqError) throw outcome
  return outcome
}

function tryLoad(): NativeAddon | RmqError {
  const here = `${process.platform}-${process.arch}`
  if (process.platform !== 'linux' || !ARCHITECTURES.includes(process.arch)) {
    return new RmqError('UNSUPPORTED', `shared memory topics need Linux on x64 or arm64; this is ${here}`)
  }
  try {
    const load = createRequire(import.meta.url)('node-gyp-build') as (folder: string) => NativeAddon
    return load(PACKAGE)
  } catch (cause) {
    return new RmqError(
      'NATIVE_ADDON_MISSING',
      `the native addon of @rmq/shm is not built for ${here}, or this system cannot load it: ` +
        'install g++, cmake and make, then run `npm rebuild @rmq/shm`',
      { cause },
    )
  }
}
