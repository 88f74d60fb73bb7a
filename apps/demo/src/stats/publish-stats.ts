import type { PublishReport } from '@rmq/app-kit'

/** What one producer put during one phase. */
export class PublishStats {
  readonly #nowS: () => number
  #first: { readonly atS: number; readonly report: PublishReport } | undefined
  #last: { readonly atS: number; readonly report: PublishReport } | undefined

  /** @param nowS a steady clock */
  constructor(nowS: () => number = () => performance.now() / 1000) {
    this.#nowS = nowS
  }

  add(report: PublishReport): void {
    this.#last = { atS: this.#nowS(), report }
    this.#first ??= this.#last
  }

  get records(): number {
    return this.#difference('records')
  }

  /** Puts that came more than one period late. */
  get late(): number {
    return this.#difference('late') + this.#difference('missed')
  }

  get meanRateHz(): number {
    const spanS = this.#first && this.#last ? this.#last.atS - this.#first.atS : 0
    return spanS > 0 ? this.records / spanS : 0
  }

  #difference(part: 'records' | 'late' | 'missed'): number {
    return this.#first && this.#last ? this.#last.report[part] - this.#first.report[part] : 0
  }
}
