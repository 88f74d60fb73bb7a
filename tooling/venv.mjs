import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { capture, hasCommand } from './lib/capture.mjs'
import { script, seconds, step, ToolingError } from './lib/progress.mjs'
import { ENVIRONMENTS, robotmqPython } from './lib/python.mjs'
import { isMain, root } from './lib/root.mjs'

const STAMP = '.rmq-requirements'
const UNFINISHED = '.venv-unfinished-'
const ABANDONED_AFTER_MS = 30 * 60_000

/** Whether there is a Python that virtual environments can be made from. */
export function hasPython() {
  return hasCommand('python3')
}

/**
 * Makes the virtual environments that are missing or older than their requirements, and resolves to the path of the
 * Python with the current robotmq. `RMQ_PYTHON` and `RMQ_PYTHON_0_1_14` name ready ones instead.
 */
export async function ensureVenv() {
  for (const environment of ENVIRONMENTS) await ensureEnvironment(environment)
  return robotmqPython()
}

/** Makes one of them, unless a variable names a ready one. */
export async function ensureEnvironment(environment) {
  if (process.env[environment.variable]) return
  removeUnfinished()
  const wanted = stampOf(environment)
  if (stampIn(path.join(root, environment.folder)) !== wanted) await make(environment, wanted)
}

async function make({ folder, requirements, options = [] }, stamp) {
  step(`making ${folder}`)
  const started = Date.now()
  const final = path.join(root, folder)
  const unfinished = path.join(root, `${UNFINISHED}${process.pid}`)
  try {
    await fill(unfinished, [...options, '-r', path.join(root, requirements)])
    replacePaths(unfinished, final)
    writeFileSync(path.join(unfinished, STAMP), stamp)
    // The tests take any bin/python for a whole environment, so it appears under its name only when it is one.
    rmSync(final, { recursive: true, force: true })
    try {
      renameSync(unfinished, final)
    } catch (error) {
      if (stampIn(final) !== stamp) throw error // Otherwise another run was faster, with the same result.
    }
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  step(`made ${folder} in ${seconds(started)}`)
}

async function fill(directory, packages) {
  const python = path.join(directory, 'bin/python')
  if (await hasCommand('uv')) {
    await demand('uv', ['venv', '--quiet', '--python', 'python3', directory])
    return demand('uv', ['pip', 'install', '--quiet', '--python', python, ...packages])
  }
  if (!(await hasPython())) {
    throw new ToolingError('python3 is missing. On Debian or Ubuntu: apt-get install python3 python3-venv')
  }
  await demand('python3', ['-m', 'venv', directory])
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '2']
  return demand(python, [...pip, ...packages])
}

async function demand(command, args) {
  const { code, output } = await capture(command, args, { cwd: root })
  if (code === 0) return
  throw new ToolingError(`${path.basename(command)} ${args.slice(0, 3).join(' ')} … failed\n${output}${advice(output)}`)
}

function advice(output) {
  if (output.includes('ensurepip')) return '\nOn Debian or Ubuntu: apt-get install python3-venv'
  if (
    /NewConnectionError|NameResolution|Network is unreachable|dns error|Could not fetch URL|timed out/i.test(output)
  ) {
    return '\nThe Python package index cannot be reached. Packages are needed once: try again with a network.'
  }
  if (/No matching distribution|no version of|no wheels/i.test(output)) {
    return '\nThere is no build of these packages for this Python: use Python 3.10 to 3.12, or set RMQ_PYTHON to one with robotmq.'
  }
  return ''
}

/** The scripts in bin/ hold the path of the folder that the environment was made in. */
function replacePaths(from, to) {
  for (const entry of readdirSync(path.join(from, 'bin'), { withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(from, 'bin', entry.name)
    const text = readFileSync(file, 'latin1')
    if (text.includes(from))
      writeFileSync(file, text.replaceAll(from, to), { encoding: 'latin1', mode: statSync(file).mode })
  }
}

/** Left by runs that were killed; the age is for process ids that came to name another process. */
function removeUnfinished() {
  for (const name of readdirSync(root).filter((name) => name.startsWith(UNFINISHED))) {
    const directory = path.join(root, name)
    const isOld = Date.now() - statSync(directory).mtimeMs > ABANDONED_AFTER_MS
    if (isOld || !isAlive(Number(name.slice(UNFINISHED.length)))) rmSync(directory, { recursive: true, force: true })
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function stampOf({ requirements }) {
  return createHash('sha256')
    .update(readFileSync(path.join(root, requirements)))
    .digest('hex')
}

function stampIn(directory) {
  const file = path.join(directory, STAMP)
  return existsSync(file) && existsSync(path.join(directory, 'bin/python')) ? readFileSync(file, 'utf8') : undefined
}

if (isMain(import.meta.url)) {
  await script(async () => {
    step(`Python with robotmq: ${await ensureVenv()}`)
  })
}
