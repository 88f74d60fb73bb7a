import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { deserialize, serialize } from 'robotmq'
import { describe, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const python = process.env['RMQ_PYTHON'] ?? `${root}.venv/bin/python`

/** A suite with real peers; without Python a skip that says what to do, or a failure where nothing may be skipped. */
export function describeWithPython(name: string, suite: () => void): void {
  const missing = !existsSync(python)
  if (missing && process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(`No ${python}: run \`npm run venv\`.`)
  describe.skipIf(missing)(missing ? `${name} (skipped: run \`npm run venv\`)` : name, suite)
}

function start(script: string, args: readonly string[], answers: 'pipe' | 'ignore'): ChildProcess {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', no_proxy: '*' }
  const child = spawn(python, [file, ...args], { stdio: ['pipe', 'pipe', 'pipe', answers], env })
  onTestFinished(() => kill(child))
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

/** What a child prints to stderr, for the errors of tests. */
function errorText(child: ChildProcess): () => string {
  let text = ''
  child.stderr!.on('data', (chunk) => {
    text += chunk
  })
  return () => text
}

export interface PythonServer {
  /** What it printed when it was ready. */
  readonly line: string
  kill(): Promise<void>
}

/** A server of the other side, in a process of its own. */
export async function startServer(script: string, ...args: readonly string[]): Promise<PythonServer> {
  const child = start(script, args, 'ignore')
  const stderr = errorText(child)
  const lines = createInterface({ input: child.stdout! })
  const line = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    child.once('exit', () => reject(new Error(`${script} ended: ${stderr()}`)))
  })
  return { line, kill: () => kill(child) }
}

interface Reply {
  readonly id: number
  readonly value?: string
  readonly error?: string
}

/** A client of the other side, in a process of its own. */
export class PythonClient {
  readonly #child: ChildProcess
  readonly #replies = new Map<number, (reply: Reply) => void>()
  #nextId = 1

  /** Rejects with what kept it from connecting. */
  static async start(kind: 'openpi' | 'robotmq' | 'groot', ...args: readonly string[]): Promise<PythonClient> {
    const client = new PythonClient(start('peer.py', [kind, ...args], 'pipe'))
    const { error } = await client.#reply(0)
    if (error !== undefined) throw new Error(error)
    return client
  }

  private constructor(child: ChildProcess) {
    this.#child = child
    const stderr = errorText(child)
    createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
      const reply = JSON.parse(line) as Reply
      this.#replies.get(reply.id)?.(reply)
    })
    child.once('exit', () => {
      for (const [id, settle] of this.#replies) settle({ id, error: `the client ended: ${stderr()}` })
    })
  }

  // biome-ignore lint/suspicious/noExplicitAny: the tests know what comes
  async call(name: string, value: unknown = null): Promise<any> {
    const id = this.#nextId++
    const reply = this.#reply(id)
    this.#child.stdin!.write(
      `${JSON.stringify({ id, call: name, value: Buffer.from(serialize(value)).toString('base64') })}\n`,
    )
    const { value: answer, error } = await reply
    if (error !== undefined) throw new Error(error)
    return deserialize(Buffer.from(answer!, 'base64'))
  }

  kill(): Promise<void> {
    return kill(this.#child)
  }

  #reply(id: number): Promise<Reply> {
    return new Promise((resolve) => this.#replies.set(id, resolve))
  }
}
