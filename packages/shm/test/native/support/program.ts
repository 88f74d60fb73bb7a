import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { preamble } from './native.ts'

/** Another Node process that runs some lines of JavaScript after the preamble. */
export class Program {
  readonly child: ChildProcess
  /** Exit code or signal. */
  readonly end: Promise<number | string>
  readonly #lines: AsyncIterator<string>
  stderr = ''

  constructor(code: string, flags: readonly string[] = [], user: { uid?: number; gid?: number } = {}) {
    this.child = spawn(process.execPath, [...flags, '--input-type=module', '-e', preamble() + code], {
      ...user,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stderr!.on('data', (chunk) => {
      this.stderr += chunk
    })
    this.end = once(this.child, 'close').then(([exitCode, signal]) => exitCode ?? signal)
    this.#lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]()
    onTestFinished(async () => {
      this.child.kill('SIGKILL')
      await this.end
    })
  }

  /** The next line it prints. */
  async line(): Promise<string> {
    const { done, value } = await this.#lines.next()
    if (done) throw new Error(`it ended: ${this.stderr}`)
    return value
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.end
  }
}
