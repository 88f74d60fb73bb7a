import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface ChildOptions {
  /** Numerical ids of the user and group that it runs as. */
  readonly uid?: number
  readonly gid?: number
  /** A command that runs it, such as `['unshare', '-m']`. @default none */
  readonly wrapper?: readonly string[]
}

/** A program of `support/programs` in a process of its own, which speaks in lines on stdout. */
export class Child {
  readonly process: ChildProcess
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  errorText = ''
  readonly #lines: string[] = []
  readonly #waiters: (() => void)[] = []

  constructor(program: string, args: readonly string[] = [], { wrapper = [], ...identity }: ChildOptions = {}) {
    const path = fileURLToPath(new URL(`./programs/${program}`, import.meta.url))
    const [command, ...rest] = [...wrapper, process.execPath, path, ...args]
    this.process = spawn(command!, rest, { stdio: ['pipe', 'pipe', 'pipe'], ...identity })
    this.process.stderr!.on('data', (chunk) => {
      this.errorText += chunk
    })
    createInterface({ input: this.process.stdout! }).on('line', (line) => {
      this.#lines.push(line)
      for (const wake of this.#waiters.splice(0)) wake()
    })
    this.exited = new Promise((resolve) => {
      this.process.once('close', (code, signal) => {
        resolve({ code, signal })
        for (const wake of this.#waiters.splice(0)) wake()
      })
    })
  }

  /** A line to its stdin. */
  tell(line: string): void {
    this.process.stdin!.write(`${line}\n`)
  }

  /** The next line that begins with `prefix`, without it; earlier other lines are skipped. */
  async line(prefix: string): Promise<string> {
    for (;;) {
      for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
        if (line.startsWith(prefix)) return line.slice(prefix.length)
      }
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`The program ended before it printed "${prefix}": ${this.errorText}`)
      }
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.process.kill(signal)
    await this.exited
  }
}
