import path from 'node:path'
import { prebuildProblem } from '../packages/shm/scripts/prebuilds.mjs'
import { capture } from './lib/capture.mjs'
import { missingCompilerTools } from './lib/prerequisites.mjs'
import { script, seconds, step, ToolingError } from './lib/progress.mjs'
import { ZIGLANG } from './lib/python.mjs'
import { isMain, root } from './lib/root.mjs'
import { ensureEnvironment } from './venv.mjs'

/** Builds the native addons that @rmq/shm is published with, for all systems, unless they are there and current. */
export async function ensurePrebuilds() {
  const problem = prebuildProblem()
  if (problem === undefined) return
  const missing = (await missingCompilerTools()).filter((tool) => tool !== 'c++')
  if (missing.length > 0) {
    throw new ToolingError(`${missing.join(', ')} is missing. On Debian or Ubuntu: apt-get install cmake make`)
  }
  const zig = await findZig()
  step(`building the addons to publish: ${problem}`)
  const started = Date.now()
  const builder = path.join(root, 'packages/shm/scripts/build-prebuilds.mjs')
  const { code, output } = await capture(process.execPath, [builder, zig], { cwd: root, timeoutS: 1800 })
  if (code !== 0) throw new ToolingError(`the addons to publish do not build\n${output}`)
  step(`built the addons to publish in ${seconds(started)}`)
}

/** The path of the pinned Zig, or what `RMQ_ZIG` names. */
async function findZig() {
  if (process.env[ZIGLANG.variable]) return process.env[ZIGLANG.variable]
  await ensureEnvironment(ZIGLANG)
  const ask = 'import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), "zig"))'
  const { code, output } = await capture(path.join(root, ZIGLANG.folder, 'bin/python'), ['-c', ask])
  if (code !== 0) throw new ToolingError(`${ZIGLANG.folder} is damaged: delete it and try again\n${output}`)
  return output.trim()
}

if (isMain(import.meta.url)) await script(ensurePrebuilds)
