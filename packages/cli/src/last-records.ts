import type { Message } from 'robotmq'

const REMEMBERED = 16

/**
 * Recognises the records that were seen last, by their timestamps and sizes. Timestamps alone give no order: each
 * client of an original robotmq server stamps its records with a clock of its own.
 */
export class LastRecords {
  #marks: string[] = []

  add(records: readonly Message[]): void {
    this.#marks = [...this.#marks, ...records.slice(-REMEMBERED).map(markOf)].slice(-REMEMBERED)
  }

  /**
   * @returns the records after those that were seen, or undefined where the last of these is not in the tail: it has
   *   left with its age, or with a pop, which takes all records of an original server
   */
  after(tail: readonly Message[]): readonly Message[] | undefined {
    const marks = tail.map(markOf)
    for (let end = marks.length; end > 0; end -= 1) {
      if (endAlike(this.#marks, marks, end)) return tail.slice(end)
    }
    return undefined
  }
}

function markOf({ timestampS, data }: Message): string {
  return `${timestampS} ${data.byteLength}`
}

/** Whether `a` and the first `bEnd` of `b` end alike, as far as both reach. */
function endAlike(a: readonly string[], b: readonly string[], bEnd: number): boolean {
  const length = Math.min(a.length, bEnd)
  for (let back = 1; back <= length; back += 1) {
    if (a[a.length - back] !== b[bEnd - back]) return false
  }
  return length > 0
}
