import { type ChildProcess, spawn } from 'node:child_process'
import type { Order } from '../orders.ts'
import { waitFor } from './wait-for.ts'

export interface ProgramEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const running = new Set<RunningProgram>()

/** For `afterEach`: a test that fails, or takes too long, leaves no program behind either. */
export async function endPrograms(): Promise<void> {
  for (const program of running) await program.end('SIGKILL')
}

/** A program under test, in a process of its own. */
export class RunningProgram {
  readonly #child: ChildProcess
  readonly ended: Promise<ProgramEnd>
  stdout = ''
  stderr = ''

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}) {
    this.#child = spawn(command, args, { stdio: 'pipe', env: { ...process.env, ...env } })
    running.add(this)
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject)
      this.#child.on('close', (code, signal) => {
        running.delete(this)
        resolve({ code, signal })
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  async printed(text: string | RegExp, timeoutS = 15): Promise<void> {
    const matches = () => (typeof text === 'string' ? this.stdout.includes(text) : text.test(this.stdout)) || undefined
    try {
      await waitFor(matches, `printing ${text}`, timeoutS)
    } catch (error) {
      throw new Error(`${(error as Error).message}\nstdout: ${this.stdout}\nstderr: ${this.stderr}`)
    }
  }

  order(order: Order): void {
    this.#child.stdin?.write(`${order}\n`)
  }

  /** @returns how it ended */
  async end(signal: NodeJS.Signals): Promise<ProgramEnd> {
    this.#child.kill(signal)
    return this.ended
  }
}
