/** A queue with two ends in one ring of memory: every operation but `clear` and growth takes constant time. */
export class Deque<T> {
  #slots: (T | undefined)[] = new Array(16)
  #head = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  /** @param index counted from the front; must be in range */
  at(index: number): T {
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)] as T
  }

  pushBack(item: T): void {
    if (this.#length === this.#slots.length) this.#resize(this.#slots.length * 2)
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item
    this.#length += 1
  }

  popFront(): T {
    const item = this.at(0)
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.#length -= 1
    this.#shrink()
    return item
  }

  popBack(): T {
    const index = (this.#head + this.#length - 1) & (this.#slots.length - 1)
    const item = this.#slots[index] as T
    this.#slots[index] = undefined
    this.#length -= 1
    this.#shrink()
    return item
  }

  // A burst must not hold its memory for ever; the factor of 8 keeps a queue that swings from resizing at each swing.
  #shrink(): void {
    if (this.#slots.length > 1024 && this.#length * 8 < this.#slots.length) this.#resize(this.#slots.length / 2)
  }

  #resize(capacity: number): void {
    const slots = new Array<T | undefined>(capacity)
    for (let index = 0; index < this.#length; index++) slots[index] = this.at(index)
    this.#slots = slots
    this.#head = 0
  }
}
