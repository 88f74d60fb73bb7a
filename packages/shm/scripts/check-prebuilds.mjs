// Before the package is packed: whoever installs one without current prebuilt addons needs a compiler. So they are built
// first, unless `RMQ_PACK_AS_IS` is set, as the tests do. With `--refuse`, before it is published, it is an error if they
// are not there.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { packageFolder } from './cmake.mjs'
import { prebuildProblem } from './prebuilds.mjs'

if (prebuildProblem() !== undefined && !process.env.RMQ_PACK_AS_IS) {
  // What it says goes where a pack's own output does not: to stderr.
  const stdio = ['ignore', process.stderr, process.stderr]
  spawnSync(process.execPath, [path.join(packageFolder, '../../tooling/prebuild.mjs')], { stdio })
}
const problem = prebuildProblem()
if (problem !== undefined) {
  process.stderr.write(`!!! @rmq/shm is packed with ${problem}\n`)
  if (process.argv.includes('--refuse')) process.exitCode = 1
}
