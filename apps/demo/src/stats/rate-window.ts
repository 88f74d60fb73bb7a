interface Slice {
  readonly atS: number
  readonly records: number
}

const WINDOW_S = 2
/** Between two reports nothing is known; after this a stream is silent. */
const SILENT_S = 0.5

/** Records a second over the last two seconds. */
export class RateWindow {
  #slices: Slice[] = []

  add(atS: number, records: number): void {
    this.#slices.push({ atS, records })
    this.#slices = this.#slices.filter((slice) => slice.atS >= atS - WINDOW_S)
  }

  rateAt(nowS: number): number {
    const [first, ...rest] = this.#slices.filter((slice) => slice.atS >= nowS - WINDOW_S - SILENT_S)
    const last = rest.at(-1)
    if (first === undefined || last === undefined) return 0
    // What the first slice holds came before its time.
    const spanS = (nowS - last.atS < SILENT_S ? last.atS : nowS) - first.atS
    return rest.reduce((total, { records }) => total + records, 0) / spanS
  }
}
