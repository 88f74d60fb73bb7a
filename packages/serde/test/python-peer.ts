import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { deserialize } from '../src/index.ts'

const PYTHON = process.env['RMQ_PYTHON'] ?? fileURLToPath(new URL('../../../.venv/bin/python', import.meta.url))
const MISSING = `real Python robotmq is not there (${PYTHON}): run \`pnpm run venv\`, or set RMQ_PYTHON`

/** Whether tests against Python can run. Says so aloud when not, and fails where nothing may be missing. */
export function havePython(): boolean {
  if (existsSync(PYTHON)) return true
  if (process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(MISSING)
  console.warn(`SKIPPED: ${MISSING}`)
  return false
}

/** A Python process that evaluates expressions, one at a time and in order. */
export class PythonPeer {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #waiting: { resolve(answer: Buffer): void; reject(error: Error): void }[] = []
  #received = Buffer.alloc(0)

  constructor() {
    const script = fileURLToPath(new URL('python-peer.py', import.meta.url))
    this.#process = spawn(PYTHON, [script], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#process.stdout.on('data', (chunk: Buffer) => this.#receive(chunk))
    let complaint = ''
    this.#process.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk
    })
    this.#process.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`Python ended: ${complaint}`))
    })
  }

  /** The value of an expression; in it `data` is the bytes and `x` what Python reads from them. */
  async evaluate(expression: string, data: Uint8Array = new Uint8Array(0)): Promise<unknown> {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      for (const chunk of [Buffer.from(expression), data]) {
        const header = Buffer.alloc(4)
        header.writeUInt32LE(chunk.length)
        this.#process.stdin.write(header)
        this.#process.stdin.write(chunk)
      }
    })
    return deserialize(answer)
  }

  close(): void {
    this.#process.stdin.end()
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    while (this.#received.length >= 5) {
      const end = 5 + this.#received.readUInt32LE(1)
      if (this.#received.length < end) return
      const answer = this.#received.subarray(5, end)
      const { resolve, reject } = this.#waiting.shift()!
      if (this.#received[0] === 0) resolve(answer)
      else reject(new Error(answer.toString()))
      this.#received = this.#received.subarray(end)
    }
  }
}
