import type { FrameSize } from './frame-source.ts'

export interface FfmpegInput {
  readonly description: string
  readonly live: boolean
  /** ffmpeg's arguments that name and describe the input. */
  readonly inputArguments: readonly string[]
}

/** A Video4Linux device such as /dev/video0. */
export function deviceInput(device: string, { width, height }: FrameSize, rateHz: number): FfmpegInput {
  const format = ['-f', 'v4l2', '-framerate', `${rateHz}`, '-video_size', `${width}x${height}`]
  return { description: `the camera ${device}`, live: true, inputArguments: [...format, '-i', device] }
}

/** A video file, over and over. */
export function videoInput(file: string, description = `the video ${file}`): FfmpegInput {
  return { description, live: false, inputArguments: ['-stream_loop', '-1', '-i', file] }
}

/** The whole command line: the input as rgb24 frames of one size and rate on stdout, with black bars where it is narrower. */
export function ffmpegArguments(input: FfmpegInput, { width, height }: FrameSize, rateHz: number): string[] {
  const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-threads', '1'],
    ...input.inputArguments,
    ...['-an', '-sn', '-vf', `fps=${rateHz},${fit}`, '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
  ]
}
