import { existsSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { startChild } from './child.ts'

const repository = fileURLToPath(new URL('../../../..', import.meta.url))

/** The Python that has a version of robotmq, made by `npm run venv`. */
function findPython(variable: string, folder: string): string | undefined {
  const named = process.env[variable]
  if (named !== undefined && named !== '') return named
  const inVenv = `${repository}${folder}/bin/python`
  if (existsSync(inVenv)) return inVenv
  const remedy = `No Python with robotmq: run \`npm run venv\`, or let ${variable} name one.`
  if (process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(remedy)
  console.warn(`SKIPPED: ${remedy}`)
  return undefined
}

/** robotmq 0.1.16, and the oldest version that is tried. Undefined: skip. */
export const python: string | undefined = findPython('RMQ_PYTHON', '.venv')
export const oldPython: string | undefined = findPython('RMQ_PYTHON_0_1_14', '.venv-robotmq-0.1.14')

export interface PythonPeer {
  /** Rejects with an error whose message is that of the Python exception. */
  ask(command: { readonly op: string; readonly [name: string]: unknown }): Promise<unknown>
  kill(): Promise<void>
}

/** A real peer in a process of its own. */
export async function startPython(
  kind: 'client' | 'server',
  endpoint: string,
  interpreter = python,
): Promise<PythonPeer> {
  const script = fileURLToPath(new URL(`../python/${kind}.py`, import.meta.url))
  const child = startChild(interpreter!, ['-u', script, `py-${kind}`, endpoint])
  // A killed server leaves the segments of its topics behind.
  onTestFinished(async () => {
    child.process.kill('SIGKILL')
    await child.exit
    for (const name of readdirSync('/dev/shm')) {
      if (name.startsWith('rmq_') && name.includes(`_${child.process.pid}_py-`))
        rmSync(`/dev/shm/${name}`, { force: true })
    }
  })
  // Log lines of robotmq's own stand between.
  const next = async () => {
    for (;;) {
      const line = await child.line()
      if (line.startsWith('{')) return JSON.parse(line) as { value?: unknown; error?: string }
    }
  }
  await next()
  let turn: Promise<unknown> = Promise.resolve()
  return {
    ask: (command) => {
      const answer = turn.then(async () => {
        child.send(JSON.stringify(command))
        const { value, error } = await next()
        if (error !== undefined) throw new Error(error)
        return value
      })
      turn = answer.catch(() => {})
      return answer
    },
    kill: async () => {
      child.process.kill('SIGKILL')
      await child.exit
    },
  }
}

export const toBase64 = (data: string | Uint8Array): string => Buffer.from(data as string).toString('base64')
export const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64')
