// Runs when the package is installed: compiles the addon if no prebuilt one fits. Never fails the installation, since
// everything but shared memory works without.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { compileAddon, isSupported, packageFolder } from './compile-addon.mjs'

const require = createRequire(import.meta.url)

// In a checkout the build compiles it, not the installation.
const isCheckout = existsSync(path.join(packageFolder, 'src'))
if (isSupported && !isCheckout && !fits()) {
  const failure = compileAddon()
  const outcome =
    failure === undefined
      ? 'compiled its native addon'
      : `no shared memory: no prebuilt addon fits and ${failure.reason}; ` +
        'install g++, cmake and make, then run `npm rebuild @rmq/shm`'
  process.stderr.write(`@rmq/shm: ${outcome}\n`)
}

/** Whether there is an addon that this Node can load. */
function fits() {
  try {
    require('node-gyp-build')(packageFolder)
    return true
  } catch {
    return false
  }
}
