import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const GRACE_MS = 2000
const KEPT_ERROR_LINES = 20

interface Pending {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** A role in a child process: a command is a line of JSON to its stdin, the answer one from its stdout. */
export class RoleProcess {
  readonly #label: string
  readonly #child: ChildProcess
  readonly #pending = new Map<number, Pending>()
  readonly #errorLines: string[] = []
  readonly #ended: Promise<unknown>
  #nextId = 1
  #failure: Error | undefined
  #closing = false

  constructor(label: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#label = label
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    this.#child = child
    this.#ended = once(child, 'close').catch(() => {})
    child.on('error', (error) => this.#fail(`cannot be started: ${error.message}`))
    child.on('close', (code, signal) => this.#fail(`ended by itself (${signal ?? `exit code ${code}`})`))
    // A child that is gone is reported by `close`.
    child.stdin?.on('error', () => {})
    createInterface({ input: child.stdout! }).on('line', (line) => this.#receive(line))
    createInterface({ input: child.stderr! }).on('line', (line) => {
      this.#errorLines.push(line)
      if (this.#errorLines.length > KEPT_ERROR_LINES) this.#errorLines.shift()
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Sends a command. The promise is the answer; several may be under way. */
  ask<T>(command: string, args: object = {}): Promise<T> {
    const answer = new Promise<T>((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure)
      const id = this.#nextId++
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject })
      this.#child.stdin?.write(`${JSON.stringify({ id, command, ...args })}\n`)
    })
    // Where several are under way, whoever awaits another one first is told by that one.
    answer.catch(() => {})
    return answer
  }

  /** Lets the role end by itself, and kills it when it does not. */
  async close(): Promise<void> {
    this.#closing = true
    this.#child.stdin?.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS)
    await this.#ended
    clearTimeout(timer)
  }

  async kill(): Promise<void> {
    this.#closing = true
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  /** It could not clean up behind itself. */
  get wasKilled(): boolean {
    return this.#child.signalCode !== null
  }

  #receive(line: string): void {
    const answer = JSON.parse(line) as { id: number; result: unknown } | { id: number; error: string }
    const pending = this.#pending.get(answer.id)
    this.#pending.delete(answer.id)
    if ('error' in answer) pending?.reject(new Error(`${this.#label}: ${answer.error}`))
    else pending?.resolve(answer.result)
  }

  #fail(how: string): void {
    const output = this.#closing ? [] : this.#errorLines
    this.#failure ??= new Error([`${this.#label} ${how}`, ...output].join('\n'))
    for (const { reject } of this.#pending.values()) reject(this.#failure)
    this.#pending.clear()
  }
}
