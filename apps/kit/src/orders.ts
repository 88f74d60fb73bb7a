import type { Readable } from 'node:stream'

/** What a program may be told by the one that started it, as lines on stdin. */
export type Order =
  /** Put no more, and stay to be read. */
  | 'rest'
  /** Begin a put and never finish it. */
  | 'stop halfway'

/** Remembers the orders that came. */
export class Orders {
  readonly #given = new Set<string>()

  /** @param input undefined: nobody gives orders */
  constructor(input?: Readable) {
    let rest = ''
    input?.on('data', (chunk: Buffer | string) => {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#given.add(line)
    })
  }

  has(order: Order): boolean {
    return this.#given.has(order)
  }
}
