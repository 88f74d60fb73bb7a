// Runs when the package is installed: compiles the addon if no prebuilt one fits. Never fails the installation, since
// everything but shared memory works without.
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { packageFolder } from './cmake.mjs'
import { compileAddon, isSupported } from './compile-addon.mjs'

// In a checkout the build compiles it, not the installation.
const isCheckout = existsSync(path.join(packageFolder, 'src'))
if (isSupported && !isCheckout && !(await fits())) {
  // CMake refuses a tree that was copied here from elsewhere.
  rmSync(path.join(packageFolder, 'build'), { recursive: true, force: true })
  const failure = compileAddon()
  const outcome =
    failure === undefined
      ? 'compiled its native addon'
      : `no shared memory: no prebuilt addon fits and ${failure.reason}; ` +
        'install g++, cmake and make, then run `npm rebuild @rmq/shm`'
  process.stderr.write(`@rmq/shm: ${outcome}\n`)
}

/** Whether there is an addon that the package will load here. */
async function fits() {
  try {
    const { loadAddon } = await import('../dist/native/addon.js')
    loadAddon()
    return true
  } catch {
    return false
  }
}
