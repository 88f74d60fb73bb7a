import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe } from 'vitest'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** The interpreters that have the original installed, by its version. */
export const pythons = {
  '0.1.16': process.env['RMQ_PYTHON'] ?? `${root}.venv/bin/python`,
  '0.1.14': process.env['RMQ_PYTHON_0_1_14'] ?? `${root}.venv-robotmq-0.1.14/bin/python`,
}

/** A suite against the original; without it a skip that says what to do, or a failure where nothing may be skipped. */
export function describePython(version: keyof typeof pythons, name: string, suite: (python: string) => void): void {
  const python = pythons[version]
  const missing = !existsSync(python)
  if (missing && process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(`No ${python}: run \`npm run venv\`.`)
  const title = missing ? `${name} (skipped: run \`npm run venv\` to install Python's robotmq ${version})` : name
  describe.skipIf(missing)(title, () => suite(python))
}

type Packed = { readonly b: string } | Packed[] | number | string | boolean | null

/** A real robotmq object in a process of its own. */
export class PythonPeer {
  readonly process: ChildProcess
  readonly #calls = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  #nextId = 1

  static async start(python: string, role: 'client' | 'server', endpoint: string): Promise<PythonPeer> {
    const peer = new PythonPeer(python, role, endpoint)
    await new Promise<void>((resolve, reject) => {
      peer.process.once('exit', (code) => reject(new Error(`The Python ${role} ended with code ${code}.`)))
      const lines = createInterface({ input: peer.process.stdio[3] as Readable })
      lines.once('line', () => {
        lines.on('line', (line) => peer.#settle(line))
        resolve()
      })
    })
    return peer
  }

  private constructor(python: string, role: string, endpoint: string) {
    const script = fileURLToPath(new URL('./python_peer.py', import.meta.url))
    this.process = spawn(python, [script, role, endpoint], { stdio: ['pipe', 'ignore', 'inherit', 'pipe'] })
    this.process.once('exit', () => {
      for (const { reject } of this.#calls.values()) reject(new Error('The Python peer ended.'))
    })
  }

  /** Calls a method of the object, or a codec function of the module. Bytes go both ways as Uint8Array. */
  call<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    return this.callWith(name, args, {})
  }

  callWith<T>(name: string, args: readonly unknown[], kwargs: Record<string, unknown>): Promise<T> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++
      this.#calls.set(id, { resolve: resolve as (value: never) => void, reject })
      this.process.stdin!.write(`${JSON.stringify({ id, call: name, args: args.map(pack), kwargs })}\n`)
    })
  }

  async close(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    const ended = new Promise((resolve) => this.process.once('exit', resolve))
    this.process.kill('SIGKILL')
    await ended
  }

  #settle(line: string): void {
    const { id, value, error } = JSON.parse(line) as { id: number; value: Packed; error?: string }
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    if (error === undefined) call?.resolve(unpack(value) as never)
    else call?.reject(new Error(error))
  }
}

function pack(value: unknown): unknown {
  return value instanceof Uint8Array ? { b: Buffer.from(value).toString('base64') } : value
}

function unpack(value: Packed): unknown {
  if (Array.isArray(value)) return value.map(unpack)
  if (typeof value === 'object' && value !== null) return new Uint8Array(Buffer.from(value.b, 'base64'))
  return value
}
