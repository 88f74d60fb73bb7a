import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { type Order, parseReport, type Report } from '@rmq/app-kit'
import type { Role } from './roles.ts'

const STDERR_KEPT = 4000

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One program of the demo, in a process of its own. */
export class Child {
  readonly name: string
  readonly pid: number | undefined
  /** Resolves once it ended and all its output was read. */
  readonly exited: Promise<Exit>
  onReport: (report: Report) => void = () => {}
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>
  #stderr = ''
  #stopping = false
  #running = true
  #spoke = false
  #listening = false

  constructor({ name, command, args, env }: Role) {
    this.name = name
    // In a process group of its own, so that a terminal's Ctrl-C reaches the demo alone, which ends all in order. Its
    // stdin closes when the demo dies, however it dies, and the program ends by that.
    this.#process = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...env },
    })
    this.pid = this.#process.pid
    this.#process.stdin.on('error', () => {})
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT)
    })
    this.exited = new Promise((resolve) => {
      const end = (exit: Exit) => {
        this.#running = false
        resolve(exit)
      }
      this.#process.on('error', (error) => {
        this.#stderr += error.message
        end({ code: 127, signal: null })
      })
      this.#process.on('close', (code, signal) => end({ code, signal }))
    })
    createInterface(this.#process.stdout).on('line', (line) => {
      this.#spoke = true
      if (line.startsWith('listening on ')) this.#listening = true
      const report = parseReport(line)
      if (report !== undefined) this.onReport(report)
    })
  }

  get running(): boolean {
    return this.#running
  }

  /** It ends because it was told to. */
  get stopping(): boolean {
    return this.#stopping
  }

  /** It printed something: it is past its start, and ends in order when it is asked to. */
  get spoke(): boolean {
    return this.#spoke
  }

  /** It said that it listens. */
  get listening(): boolean {
    return this.#listening
  }

  /** The last that it complained about. */
  get complaint(): string {
    return this.#stderr.trim()
  }

  /** Asks it to end, and ends it after `graceS`. */
  async stop(graceS = 5): Promise<Exit> {
    this.#stopping = true
    if (this.#running) this.#process.kill('SIGTERM')
    const timer = setTimeout(() => this.kill(), graceS * 1000)
    try {
      return await this.exited
    } finally {
      clearTimeout(timer)
    }
  }

  order(order: Order): void {
    this.#process.stdin.write(`${order}\n`)
  }

  /** Ends it at once. */
  kill(): void {
    this.#stopping = true
    if (this.#running) this.#process.kill('SIGKILL')
  }
}

export function exitText({ code, signal }: Exit): string {
  return signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`
}
