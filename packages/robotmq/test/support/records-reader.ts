import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** Where a record is, as robotmq's wire tells it. */
export type Place =
  | { readonly inline: number; readonly sha: string }
  | { readonly name: string; readonly total: number; readonly start: number; readonly length: number }

/** What the program of `records_reader.py` tells. */
export interface Told {
  readonly ready?: true
  readonly places?: Place[]
  /** Reads so far, and the records of the last one. */
  readonly done?: number
  readonly records?: number
  /** Bytes of a record that was not what its server put. */
  readonly wrong?: number
}

/** A Python process that reads a topic of records that check themselves. */
export class RecordsReader {
  readonly process: ChildProcess
  readonly #lines: Interface
  readonly #ended: Promise<void>
  errorText = ''

  constructor(python: string, mode: 'places' | 'loop', endpoint: string, topic: string) {
    const script = fileURLToPath(new URL('./records_reader.py', import.meta.url))
    this.process = spawn(python, ['-u', script, mode, endpoint, topic], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.process.stderr!.on('data', (chunk) => {
      this.errorText += chunk
    })
    this.#lines = createInterface({ input: this.process.stdout as Readable })
    this.#ended = new Promise((resolve) => this.process.once('exit', () => resolve()))
    onTestFinished(() => this.kill())
  }

  onTold(listener: (told: Told) => void): void {
    this.#lines.on('line', (line) => {
      // robotmq's own log goes the same way.
      if (line.startsWith('{')) listener(JSON.parse(line) as Told)
    })
  }

  /** What it tells next. */
  next(): Promise<Told> {
    const told = new Promise<Told>((resolve) => {
      const onLine = (line: string) => {
        if (!line.startsWith('{')) return
        this.#lines.off('line', onLine)
        resolve(JSON.parse(line) as Told)
      }
      this.#lines.on('line', onLine)
    })
    const ended = this.#ended.then(() => {
      throw new Error(`The reader ended: ${this.errorText}`)
    })
    return Promise.race([told, ended])
  }

  /** Sends a frame of its own; `again` sends the last one once more, from a new connection. */
  async places(command: `${'peek' | 'pop'} ${number}` | 'again'): Promise<Place[]> {
    const told = this.next()
    this.process.stdin!.write(`${command}\n`)
    return (await told).places!
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.#ended
  }
}
