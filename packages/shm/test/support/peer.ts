import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('./programs/peer.mjs', import.meta.url))

export interface PeerOptions {
  /** Words before `node`, such as `unshare --pid --fork`. */
  readonly launcher?: readonly string[]
  readonly user?: { readonly uid: number; readonly gid: number }
}

/** A process of the test's own that does as it is told. See programs/peer.mjs for what it can. */
export class Peer {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #calls = new Map<number, (reply: { value?: unknown; error?: { code: string; message: string } }) => void>()
  #calling = 0
  stderr = ''
  /** Its exit code, or the signal that ended it. */
  readonly exit: Promise<number | string>

  constructor({ launcher = [], user }: PeerOptions = {}) {
    const [command, ...args] = [...launcher, process.execPath, program]
    this.#child = spawn(command!, args, { ...user })
    this.#child.stdin.on('error', () => {})
    this.#child.stderr.on('data', (chunk) => {
      this.stderr += chunk
    })
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const { id, ...reply } = JSON.parse(line)
      this.#calls.get(id)?.(reply)
      this.#calls.delete(id)
    })
    this.exit = once(this.#child, 'exit').then(([code, signal]) => {
      for (const call of this.#calls.values()) call({ error: { code: 'EXIT', message: this.stderr } })
      return (code ?? signal) as number | string
    })
    onTestFinished(() => this.#leave())
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Rejects with the error's `code` where the operation throws. */
  call<T = unknown>(op: string, args: Record<string, unknown> = {}): Promise<T> {
    const id = ++this.#calling
    return new Promise((resolve, reject) => {
      this.#calls.set(id, ({ value, error }) => {
        if (error === undefined) resolve(value as T)
        else reject(Object.assign(new Error(error.message), { code: error.code }))
      })
      this.#child.stdin.write(`${JSON.stringify({ id, op, ...args })}\n`)
    })
  }

  /** It ends by itself then, unless something keeps it. */
  endInput(): void {
    this.#child.stdin.end()
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal)
  }

  /** As programs end, so that it cleans up after itself; by force where it hangs. */
  async #leave(): Promise<void> {
    const force = setTimeout(() => this.#child.kill('SIGKILL'), 10_000)
    this.call('exit', { code: 0 }).catch(() => {})
    await this.exit
    clearTimeout(force)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exit
  }
}

export function startPeer(options?: PeerOptions): Peer {
  return new Peer(options)
}
