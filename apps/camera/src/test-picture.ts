import { type FrameSize, type FrameSource, frameBytes } from './frame-source.ts'

const SQUARE = 80
const STEP = 4

/** A colour gradient with a white square that wanders over it: needs neither ffmpeg nor a file. */
export function testPicture(size: FrameSize): FrameSource {
  const background = gradient(size)
  const frame = new Uint8Array(frameBytes(size))
  let drawn = 0
  return {
    description: 'a moving test picture',
    drawn: true,
    live: false,
    async next() {
      frame.set(background)
      drawSquare(frame, size, drawn++ * STEP)
      return frame
    },
    async close() {},
  }
}

function gradient({ width, height }: FrameSize): Uint8Array {
  const picture = new Uint8Array(width * height * 3)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      picture[at++] = Math.floor((255 * x) / width)
      picture[at++] = Math.floor((255 * y) / height)
      picture[at++] = 128
    }
  }
  return picture
}

function drawSquare(frame: Uint8Array, { width, height }: FrameSize, travelled: number): void {
  const side = Math.min(SQUARE, width, height)
  const left = bounce(travelled, width - side)
  const top = bounce(Math.floor(travelled / 2), height - side)
  for (let y = top; y < top + side; y++) {
    const row = (y * width + left) * 3
    frame.fill(255, row, row + side * 3)
  }
}

/** 0 to room and back again. */
function bounce(travelled: number, room: number): number {
  return room === 0 ? 0 : room - Math.abs(room - (travelled % (2 * room)))
}
