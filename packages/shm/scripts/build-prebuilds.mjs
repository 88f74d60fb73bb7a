// Builds the addons that are published: `node scripts/build-prebuilds.mjs ZIG`, or `npm run prebuild` at the root, which
// brings the Zig too. Any Linux builds all of them.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { packageFolder, runCmake } from './cmake.mjs'
import { prebuildPath, prebuildProblem, sourceHash, stampPrebuilds, TARGETS, ZIG_VERSION } from './prebuilds.mjs'

const zig = process.argv[2] ?? 'zig'
const version = spawnSync(zig, ['version'], { encoding: 'utf8' }).stdout?.trim()
if (version !== ZIG_VERSION) {
  process.stderr.write(
    `✗ ${zig} is ${version ?? 'not there'}; Zig ${ZIG_VERSION} is needed: run \`npm run prebuild\`\n`,
  )
  process.exitCode = 1
} else if (prebuildProblem() !== undefined) {
  buildAll()
}

function buildAll() {
  const hash = sourceHash()
  // Here Zig keeps the C and C++ libraries that it compiles, which is most of the work.
  const cache = path.join(packageFolder, 'build/zig-cache')
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache }
  for (const [system, target] of Object.entries(TARGETS)) {
    const started = Date.now()
    const tree = path.join('prebuild', system)
    // From the start, as CMake minds a compiler that moved; Zig's cache has what did not change.
    rmSync(path.join(packageFolder, 'build', tree), { recursive: true, force: true })
    const failure = runCmake(tree, definitions(system, target), env)
    if (failure !== undefined) {
      process.stderr.write(`${failure}\n✗ the addon for ${system} does not build\n`)
      process.exitCode = 1
      return
    }
    process.stdout.write(`▸ built the addon for ${system} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
  }
  stampPrebuilds(hash)
}

function definitions(system, target) {
  const file = path.parse(prebuildPath(system))
  return {
    RMQ_PREBUILD: 'ON',
    RMQ_OUTPUT: file.dir,
    RMQ_NAME: file.name,
    CMAKE_SYSTEM_NAME: 'Linux',
    CMAKE_SYSTEM_PROCESSOR: target.split('-')[0],
    CMAKE_CXX_COMPILER: [zig, 'c++', '-target', target].join(';'),
    // CMake finds these out by trial programs, for which Zig would compile the libraries once more, in other variants.
    CMAKE_CXX_COMPILER_ID_RUN: 'ON',
    CMAKE_CXX_COMPILER_ID: 'Clang',
    CMAKE_CXX_COMPILER_VERSION: '22',
    CMAKE_CXX_STANDARD_COMPUTED_DEFAULT: '17',
    CMAKE_TRY_COMPILE_TARGET_TYPE: 'STATIC_LIBRARY',
  }
}
