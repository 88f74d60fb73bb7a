import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../../../../../', import.meta.url))
const python = process.env['RMQ_PYTHON'] ?? `${root}.venv/bin/python`

/** A suite against the original; without it a skip that says what to do, or a failure where nothing may be skipped. */
export function describePython(name: string, suite: () => void): void {
  const missing = !existsSync(python)
  if (missing && process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(`No ${python}: run \`npm run venv\`.`)
  describe.skipIf(missing)(missing ? `${name} (skipped: run \`npm run venv\`)` : name, suite)
}

export interface PythonProgram {
  readonly process: ChildProcess
  /** The next line that it prints for us. */
  line(): Promise<string>
  send(line: string): void
  kill(): Promise<void>
}

/** One of the programs in `python/`, in a process of its own, killed when the test ends. What they print for us begins with `>`. */
export function startPython(script: string, ...args: readonly string[]): PythonProgram {
  const path = fileURLToPath(new URL(`../python/${script}`, import.meta.url))
  const child = spawn(python, ['-u', path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const kill = async () => {
    child.kill('SIGKILL')
    await exit
  }
  onTestFinished(kill)
  return {
    process: child,
    async line() {
      for (;;) {
        const { value, done } = await lines.next()
        if (done) throw new Error(`${script} ended.`)
        if ((value as string).startsWith('>')) return (value as string).slice(1)
      }
    },
    send: (line) => void child.stdin.write(`${line}\n`),
    kill,
  }
}
