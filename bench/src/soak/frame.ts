/** 640 x 480 in rgb. */
export const FRAME_BYTES: number = 640 * 480 * 3

const LAST = FRAME_BYTES - 8

/** Writes the frame's number where a reader can tell that beginning, middle and end are of the same put. */
export function stamp(frame: DataView, number: number): void {
  for (const at of [0, FRAME_BYTES / 2, LAST]) frame.setFloat64(at, number, true)
}

/** @returns the frame's number, or undefined when it is not all of one put */
export function readStamp(data: Uint8Array): number | undefined {
  if (data.byteLength !== FRAME_BYTES) return undefined
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const number = view.getFloat64(0, true)
  const same = view.getFloat64(FRAME_BYTES / 2, true) === number && view.getFloat64(LAST, true) === number
  return same ? number : undefined
}
