/** A number that travels as a Python float whatever its value. Made by `float()`. */
export class Float {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  valueOf(): number {
    return this.value
  }
}

/** Makes a whole number travel as a Python float: `serialize({ speed: float(2) })` gives `{'speed': 2.0}`. */
export function float(value: number): Float {
  return new Float(value)
}

/** Items that travel as a Python tuple. Made by `tuple()`. */
export class Tuple {
  readonly items: readonly unknown[]

  constructor(items: readonly unknown[]) {
    this.items = items
  }
}

/** Makes items travel as a Python tuple, where an array would travel as a list. */
export function tuple(...items: readonly unknown[]): Tuple {
  return new Tuple(items)
}
