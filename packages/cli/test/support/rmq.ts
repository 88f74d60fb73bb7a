import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The built command, as npm installs it. */
export const RMQ = fileURLToPath(new URL('../../bin/rmq.js', import.meta.url))

export interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly bytes: Buffer
}

const running = new Set<Running>()

/** A process that was started by a test, with what it printed so far. */
export class Running {
  readonly child: ChildProcess
  readonly exited: Promise<Result>
  readonly #stdout: Buffer[] = []
  readonly #stderr: Buffer[] = []

  constructor(command: string, args: readonly string[], { keepStdin = false }: { readonly keepStdin?: boolean } = {}) {
    this.child = spawn(command, args, { stdio: [keepStdin ? 'pipe' : 'ignore', 'pipe', 'pipe'] })
    running.add(this)
    this.child.stdout?.on('data', (chunk) => this.#stdout.push(chunk))
    this.child.stderr?.on('data', (chunk) => this.#stderr.push(chunk))
    this.exited = once(this.child, 'close').then(([code]) => {
      running.delete(this)
      return { code, stdout: this.stdout, stderr: this.stderr, bytes: Buffer.concat(this.#stdout) }
    })
  }

  get stdout(): string {
    return Buffer.concat(this.#stdout).toString()
  }

  get stderr(): string {
    return Buffer.concat(this.#stderr).toString()
  }

  /** Resolves once this holds of what was printed; rejects when the process ends before. */
  async until(condition: (running: Running) => boolean): Promise<this> {
    while (!condition(this)) {
      const more = new AbortController()
      const { signal } = more
      const waits = [
        once(this.child.stdout as NodeJS.EventEmitter, 'data', { signal }),
        once(this.child.stderr as NodeJS.EventEmitter, 'data', { signal }),
      ]
      const ended = this.exited.then((result) => {
        if (!condition(this)) throw new Error(`ended with ${result.code} too early: ${result.stderr}${result.stdout}`)
      })
      await Promise.race([...waits, ended]).finally(() => {
        more.abort()
        for (const wait of waits) wait.catch(() => {})
      })
    }
    return this
  }

  /** Sends the signal and resolves to how the process ended. */
  async end(signal: NodeJS.Signals): Promise<Result> {
    this.child.kill(signal)
    return this.exited
  }
}

/** Starts `rmq` and leaves it running. */
export function startRmq(...args: readonly string[]): Running {
  return new Running(process.execPath, [RMQ, ...args])
}

/** Runs `rmq` to its end. */
export function rmq(...args: readonly string[]): Promise<Result> {
  return startRmq(...args).exited
}

/** Runs `rmq` to its end with these bytes on stdin. */
export function rmqWithInput(input: string | Uint8Array, ...args: readonly string[]): Promise<Result> {
  const running = new Running(process.execPath, [RMQ, ...args], { keepStdin: true })
  running.child.stdin?.on('error', () => {})
  running.child.stdin?.end(input)
  return running.exited
}

/** Kills what a test left running, for `afterEach`. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((left) => left.end('SIGKILL')))
}
