import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const LIMIT_MS = 30_000
const VERSION = 'import importlib.metadata, robotmq; print(importlib.metadata.version("robotmq"))'

export interface Python {
  readonly file: string
  readonly robotmqVersion: string
}

export type PythonSearch = { readonly python: Python } | { readonly python?: undefined; readonly missing: string }

/** The Python with robotmq in it: the one that RMQ_PYTHON names, or the checkout's own. */
export async function findPython(): Promise<PythonSearch> {
  const file = process.env['RMQ_PYTHON'] || path.join(root, '.venv/bin/python')
  if (!existsSync(file)) return { missing: `there is no ${file}. To make it: npm run venv` }
  try {
    const { stdout } = await promisify(execFile)(file, ['-c', VERSION], { timeout: LIMIT_MS })
    return { python: { file, robotmqVersion: stdout.trim() } }
  } catch (error) {
    const reason = (error as Error).message.trim().split('\n').at(-1)
    return { missing: `${file} has no robotmq (${reason}). To make one that has: npm run venv` }
  }
}
