import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { type FfmpegInput, ffmpegArguments } from './ffmpeg-input.ts'
import { type FrameSize, type FrameSource, frameBytes } from './frame-source.ts'
import { splitFrames } from './frame-splitter.ts'

const STDERR_KEPT = 2000

/**
 * Frames that ffmpeg decodes. It works one frame ahead and is held back by its full pipe, so the camera's clock sets the
 * pace. If this process is killed, ffmpeg's next write finds the pipe closed and ffmpeg ends.
 */
export class FfmpegSource implements FrameSource {
  readonly description: string
  readonly drawn = false
  readonly live: boolean
  readonly #ffmpeg: ChildProcessByStdio<null, Readable, Readable>
  readonly #ended: Promise<string>
  readonly #frames: AsyncGenerator<Uint8Array>
  #ahead: Promise<IteratorResult<Uint8Array>>
  #stderr = ''

  /** @throws when ffmpeg is missing or gives no frame of this input */
  static async open(input: FfmpegInput, size: FrameSize, rateHz: number): Promise<FfmpegSource> {
    const source = new FfmpegSource(input, size, rateHz)
    try {
      if ((await source.#ahead).done) throw new Error(await source.#ended)
      return source
    } catch (error) {
      await source.close()
      throw error
    }
  }

  private constructor(input: FfmpegInput, size: FrameSize, rateHz: number) {
    this.description = input.description
    this.live = input.live
    // In a process group of its own: a terminal's Ctrl-C is for the camera, which then ends ffmpeg.
    this.#ffmpeg = spawn('ffmpeg', ffmpegArguments(input, size, rateHz), {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#ffmpeg.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT)
    })
    this.#ended = new Promise((resolve) => {
      this.#ffmpeg.on('error', (error: NodeJS.ErrnoException) => resolve(startFailure(error)))
      this.#ffmpeg.on('close', (code, signal) => resolve(this.#epitaph(code, signal)))
    })
    this.#frames = splitFrames(this.#ffmpeg.stdout, frameBytes(size))
    this.#ahead = this.#read()
  }

  async next(): Promise<Uint8Array> {
    const { done, value } = await this.#ahead
    if (done) throw new Error(await this.#ended)
    this.#ahead = this.#read()
    return value
  }

  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#ffmpeg
    if (pid !== undefined && exitCode === null && signalCode === null) {
      const exit = once(this.#ffmpeg, 'exit')
      // It holds nothing worth keeping, and would wait for its pipe to be read.
      this.#ffmpeg.kill('SIGKILL')
      await exit
    }
    this.#ffmpeg.stdout.destroy()
    await this.#ahead
  }

  /** A pipe that breaks ends the frames; `#ended` tells why. */
  #read(): Promise<IteratorResult<Uint8Array>> {
    return this.#frames.next().catch(() => ({ done: true, value: undefined }))
  }

  #epitaph(code: number | null, signal: string | null): string {
    const how = signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`
    return `ffmpeg ${how} while reading ${this.description}${this.#stderr ? `:\n${this.#stderr.trim()}` : ''}`
  }
}

function startFailure(error: NodeJS.ErrnoException): string {
  if (error.code !== 'ENOENT') return `ffmpeg could not be started: ${error.message}`
  return 'ffmpeg is missing. On Debian or Ubuntu: apt-get install ffmpeg'
}
