import { createHash, timingSafeEqual } from 'node:crypto'

/** Takes as long for a wrong secret that begins right as for any other. */
export function isSameSecret(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}
