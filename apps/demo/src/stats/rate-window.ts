interface Slice {
  readonly atS: number
  readonly records: number
  readonly bytes: number
}

const WINDOW_S = 2
/** Between two reports nothing is known; after this a stream is silent. */
const SILENT_S = 0.5

/** Records and bytes a second over the last two seconds. */
export class RateWindow {
  #slices: Slice[] = []

  add(atS: number, records: number, bytes: number): void {
    this.#slices.push({ atS, records, bytes })
    this.#slices = this.#slices.filter((slice) => slice.atS >= atS - WINDOW_S)
  }

  at(nowS: number): { readonly recordsPerS: number; readonly bytesPerS: number } {
    const [first, ...rest] = this.#slices.filter((slice) => slice.atS >= nowS - WINDOW_S - SILENT_S)
    const last = rest.at(-1)
    if (first === undefined || last === undefined) return { recordsPerS: 0, bytesPerS: 0 }
    // What the first slice holds came before its time.
    const spanS = (nowS - last.atS < SILENT_S ? last.atS : nowS) - first.atS
    const sum = (part: 'records' | 'bytes') => rest.reduce((total, slice) => total + slice[part], 0)
    return { recordsPerS: sum('records') / spanS, bytesPerS: sum('bytes') / spanS }
  }
}
