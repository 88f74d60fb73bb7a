import type { ElementStore } from '../element-store.ts'

/** Resizes one image of `height` by `width` pixels, of `units` store units each, into `target`. */
export function resizeNearest(
  source: ElementStore,
  target: ElementStore,
  units: number,
  from: { readonly height: number; readonly width: number },
  to: { readonly height: number; readonly width: number },
): void {
  // Either both stores hold bigints or both hold numbers, which the types cannot say.
  const pixels = source as Uint8Array
  const resized = target as Uint8Array
  const columns = nearestOf(from.width, to.width)
  let written = 0
  for (const row of nearestOf(from.height, to.height)) {
    const line = row * from.width
    for (const column of columns) {
      const first = (line + column) * units
      for (let unit = 0; unit < units; unit++) resized[written++] = pixels[first + unit]!
    }
  }
}

/** The old pixel under the middle of each new one. Positions add up step by step, as PIL's do, for its very choices. */
function nearestOf(from: number, to: number): Int32Array {
  const scale = from / to
  const nearest = new Int32Array(to)
  for (let i = 0, middle = scale * 0.5; i < to; i++, middle += scale)
    nearest[i] = Math.min(Math.trunc(middle), from - 1)
  return nearest
}
