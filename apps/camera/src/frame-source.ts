export interface FrameSize {
  readonly width: number
  readonly height: number
}

/** Where frames come from: rgb24, row by row. */
export interface FrameSource {
  /** For people: which picture this is. */
  readonly description: string
  /** It is the test picture. */
  readonly drawn: boolean
  /** Frames come at the source's own pace, as from a device; others are there whenever they are asked for. */
  readonly live: boolean
  /**
   * The next frame. Its memory is the source's again at the next call.
   * @throws when the source died, saying why
   */
  next(): Promise<Uint8Array>
  close(): Promise<void>
}

export function frameBytes({ width, height }: FrameSize): number {
  return width * height * 3
}
