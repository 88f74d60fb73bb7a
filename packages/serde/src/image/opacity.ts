/**
 * Resizing colours apart from their opacity would bleed the colour of invisible pixels into visible ones. So the last
 * of two or four 8-bit channels is taken for opacity, and colours are multiplied by it meanwhile, as PIL does for `LA`
 * and `RGBA`.
 */
export function hasOpacity(channels: number): boolean {
  return channels === 2 || channels === 4
}

/** A copy with each colour multiplied by its pixel's opacity, rounded as PIL rounds. */
export function weighByOpacity(pixels: Uint8Array, channels: number): Uint8Array {
  const weighed = pixels.slice()
  for (let pixel = 0; pixel < weighed.length; pixel += channels) {
    const opacity = weighed[pixel + channels - 1]!
    if (opacity === 255) continue
    for (let at = pixel; at < pixel + channels - 1; at++) {
      const product = weighed[at]! * opacity + 128
      weighed[at] = ((product >> 8) + product) >> 8
    }
  }
  return weighed
}

/** Undoes `weighByOpacity`, in place. */
export function unweighByOpacity(pixels: Uint8Array, channels: number): void {
  for (let pixel = 0; pixel < pixels.length; pixel += channels) {
    const opacity = pixels[pixel + channels - 1]!
    if (opacity === 255 || opacity === 0) continue
    for (let at = pixel; at < pixel + channels - 1; at++) {
      pixels[at] = Math.min(255, Math.trunc((255 * pixels[at]!) / opacity))
    }
  }
}
