/** How often steps are told where they cannot be written over. */
const STEP_S = 10

/** One line on stderr that tells what goes on now; on a terminal it is written over again and again. */
export class Progress {
  readonly #stream: NodeJS.WriteStream
  #text = ''
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream
  }

  /** @param step what changes often */
  show(text: string, step = ''): void {
    const line = `▸ ${text} ${step}`.trimEnd()
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[2K${line}`)
    } else if (text !== this.#text || performance.now() >= this.#toldAt + STEP_S * 1000) {
      this.#stream.write(`${line}\n`)
      this.#toldAt = performance.now()
    }
    this.#text = text
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[2K')
  }
}
