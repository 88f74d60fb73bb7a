import { existsSync } from 'node:fs'
import path from 'node:path'
import { setup } from '../setup.mjs'
import { ensureVenv, hasPython } from '../venv.mjs'
import { foreground } from './foreground.mjs'
import { script, ToolingError } from './progress.mjs'
import { root } from './root.mjs'

/** Prepares the checkout, runs one of its built programs on this terminal with our arguments, and ends as it ends. */
export function runProgram(entry) {
  return script(async () => {
    await setup()
    const python = await preparePython()
    const file = path.join(root, entry)
    if (!existsSync(file)) throw new ToolingError(`${entry} is missing although the build passed`)
    process.exitCode = await foreground(process.execPath, [file, ...process.argv.slice(2)], {
      cwd: root,
      env: python === undefined ? process.env : { ...process.env, RMQ_PYTHON: python },
      ownGroup: true,
    })
  })
}

/** Everything runs without Python too, with fewer peers, unless `RMQ_REQUIRE_ALL=1` asks for all. */
async function preparePython() {
  const requireAll = process.env.RMQ_REQUIRE_ALL === '1'
  if (!requireAll && !process.env.RMQ_PYTHON && !(await hasPython())) return undefined
  try {
    return await ensureVenv()
  } catch (error) {
    if (requireAll || !(error instanceof ToolingError)) throw error
    process.stderr.write(`\n✗ ${error.message}\nGoing on without Python.\n\n`)
    return undefined
  }
}
