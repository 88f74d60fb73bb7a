/** Whole numbers, most of them consecutive: takes memory for each gap, not for each number. */
export class NumberSet {
  /** Ascending, with gaps between them. */
  readonly #ranges: { first: number; last: number }[] = []

  /** How many ranges of consecutive numbers there are. */
  get ranges(): number {
    return this.#ranges.length
  }

  has(number: number): boolean {
    const range = this.#ranges[this.#indexOf(number)]
    return range !== undefined && range.first <= number
  }

  add(number: number): void {
    if (this.has(number)) return
    const index = this.#indexOf(number)
    const before = this.#ranges[index - 1]
    const after = this.#ranges[index]
    const joinsBefore = before !== undefined && before.last === number - 1
    const joinsAfter = after !== undefined && after.first === number + 1
    if (joinsBefore && joinsAfter) {
      before.last = after.last
      this.#ranges.splice(index, 1)
    } else if (joinsBefore) before.last = number
    else if (joinsAfter) after.first = number
    else this.#ranges.splice(index, 0, { first: number, last: number })
  }

  /** Forgets the numbers below this one. */
  deleteBelow(number: number): void {
    this.#ranges.splice(0, this.#indexOf(number))
    const [first] = this.#ranges
    if (first !== undefined && first.first < number) first.first = number
  }

  /** Of the first range that ends with the number or behind it. */
  #indexOf(number: number): number {
    let low = 0
    let high = this.#ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#ranges[middle]!.last < number) low = middle + 1
      else high = middle
    }
    return low
  }
}
