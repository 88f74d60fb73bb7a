/** A complex number: an element of a complex array, or a Python `complex`. */
export class Complex {
  readonly re: number
  readonly im: number

  constructor(re: number, im: number) {
    this.re = re
    this.im = im
  }

  /** As Python prints it: `(1+2j)`. */
  toString(): string {
    const sign = this.im < 0 || Object.is(this.im, -0) ? '-' : '+'
    return `(${this.re}${sign}${Math.abs(this.im)}j)`
  }
}
