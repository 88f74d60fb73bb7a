import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe } from 'vitest'
import { Running } from './rmq.ts'
import { freshEndpoint } from './serve.ts'

export const PYTHON =
  process.env['RMQ_PYTHON'] ?? fileURLToPath(new URL('../../../../.venv/bin/python', import.meta.url))

/** A suite against the original robotmq; without it a skip that says what to do, or a failure where nothing may be skipped. */
export function describeWithPython(name: string, suite: () => void): void {
  const missing = !existsSync(PYTHON)
  if (missing && process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(`No ${PYTHON}: run \`npm run venv\`.`)
  const title = missing ? `${name} (skipped: run \`npm run venv\` to install Python's robotmq)` : name
  describe.skipIf(missing)(title, suite)
}

/** A program beside this file. */
export function pythonProgram(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url))
}

/** Starts python_server.py; resolves to its endpoint once it is ready. */
export async function startPythonServer(): Promise<{ readonly server: Running; readonly endpoint: string }> {
  const endpoint = freshEndpoint()
  const server = new Running(PYTHON, [pythonProgram('python_server.py'), endpoint])
  await server.until(({ stdout }) => stdout.includes('ready\n'))
  return { server, endpoint }
}
