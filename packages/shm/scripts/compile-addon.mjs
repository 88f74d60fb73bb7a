import path from 'node:path'
import { isCommand, packageFolder, runCmake } from './cmake.mjs'

/** Linux on these is what the ring is written for; elsewhere the package loads and says so. */
export const isSupported = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)

/**
 * Compiles `build/Release/rmq_shm.node`. Needs CMake, a C++17 compiler, and make or ninja; no network.
 * @returns undefined, or why it failed: one line, and all that the tools printed
 */
export function compileAddon() {
  const missing = [['cmake'], ['c++', 'g++', 'clang++'], ['make', 'ninja']].filter((any) => !any.some(isCommand))
  if (missing.length > 0) return { reason: `${missing.map(([name]) => name).join(', ')} not found`, output: '' }
  const output = runCmake('compile', {
    RMQ_OUTPUT: path.join(packageFolder, 'build/Release'),
    RMQ_NAME: 'rmq_shm',
  })
  return output === undefined ? undefined : { reason: 'the compiler failed', output }
}
