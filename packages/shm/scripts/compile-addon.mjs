import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)

export const packageFolder = path.resolve(fileURLToPath(import.meta.url), '../..')

/** Linux on these is what the ring is written for; elsewhere the package loads and says so. */
export const isSupported = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)

/**
 * Compiles `build/Release/rmq_shm.node`. Needs CMake, a C++17 compiler, and make or ninja; no network.
 * @returns undefined, or why it failed: one line, and all that the tools printed
 */
export function compileAddon() {
  const missing = [['cmake'], ['c++', 'g++', 'clang++'], ['make', 'ninja']].filter((any) => !any.some(isCommand))
  if (missing.length > 0) return { reason: `${missing.map(([name]) => name).join(', ')} not found`, output: '' }
  let tool
  try {
    tool = path.join(path.dirname(require.resolve('cmake-js/package.json')), 'bin/cmake-js')
  } catch {
    return { reason: 'the package cmake-js is not installed', output: '' }
  }
  const { status, error, stdout, stderr } = spawnSync(process.execPath, [tool, 'build', '--parallel', '2'], {
    cwd: packageFolder,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  if (status === 0) return undefined
  return { reason: error?.message ?? 'the compiler failed', output: `${stdout}${stderr}` }
}

function isCommand(name) {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined
}
