import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { packageFolder } from './cmake.mjs'

const require = createRequire(import.meta.url)

/** The compiler: PyPI's `ziglang`, which brings the headers and symbols of every glibc, and a libc++ to link in. */
export const ZIG_VERSION = '0.17.1'

/** Systems with a prebuilt addon, and Zig's name for each with the oldest glibc that it has to run on. */
export const TARGETS = { 'linux-x64': 'x86_64-linux-gnu.2.28', 'linux-arm64': 'aarch64-linux-gnu.2.28' }

const FOLDER = path.join(packageFolder, 'prebuilds')
const STAMP = path.join(FOLDER, 'sources.sha256')

/** The word `glibc` keeps node-gyp-build from taking it where the C library is another. */
export function prebuildPath(system) {
  return path.join(FOLDER, system, 'rmq_shm.glibc.node')
}

/** What is wrong with the prebuilt addons that a package would get now; undefined: nothing. */
export function prebuildProblem() {
  const missing = Object.keys(TARGETS).filter((system) => !existsSync(prebuildPath(system)))
  if (missing.length > 0) return `no prebuilt addon for ${missing.join(' and ')}`
  const built = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : ''
  return built === sourceHash() ? undefined : 'prebuilt addons of other sources than these'
}

/** Notes that they are of the sources that had this hash. */
export function stampPrebuilds(hash) {
  writeFileSync(STAMP, hash)
}

/** A hash of all that they are made of. */
export function sourceHash() {
  const hash = createHash('sha256')
  const folders = ['ring', 'legacy', 'binding'].map((folder) => path.join('native', folder))
  const sources = folders.flatMap((folder) => {
    const names = readdirSync(path.join(packageFolder, folder)).filter((name) => /\.([ch]pp|map)$/.test(name))
    return names.sort().map((name) => path.join(folder, name))
  })
  for (const file of [...sources, 'CMakeLists.txt', 'scripts/cmake.mjs', 'scripts/build-prebuilds.mjs']) {
    hash.update(`${file}\n`).update(readFileSync(path.join(packageFolder, file)))
  }
  const headers = ['node-api-headers', 'node-addon-api'].map((name) => require(`${name}/package.json`).version)
  return hash.update(JSON.stringify([TARGETS, ZIG_VERSION, headers])).digest('hex')
}
