import { setTimeout } from 'node:timers/promises'
import { type Message, type RMQClient, steadyClockUs } from 'robotmq'

const POLL_MS = 2
/** Of the time between two frames, how much is slept through before it polls again. */
const SLEEP_SHARE = 0.9

export interface NewestFrame {
  readonly message: Message
  /** When it came into our hands, in seconds on the steady clock. */
  readonly seenS: number
  /** Frames that were put since the one before and passed over. */
  readonly skipped: number
}

/** The newest record of a topic, each once, by polling: a record is large, so it sleeps until the next one is about due. */
export async function* newestFrames(
  client: RMQClient,
  topic: string,
  signal: AbortSignal,
): AsyncGenerator<NewestFrame, void, void> {
  let last: Message | undefined
  let periodS = 0
  while (!signal.aborted) {
    const [message] = await client.peekData(topic, -1, { signal })
    if (message === undefined || (last && message.epoch === last.epoch && message.sequence === last.sequence)) {
      await setTimeout(POLL_MS, undefined, { signal })
      continue
    }
    const seenS = steadyClockUs() / 1e6
    const passed = last && message.epoch === last.epoch ? message.sequence - last.sequence : 1
    if (last) periodS = ((message.captureTimeS ?? 0) - (last.captureTimeS ?? 0)) / passed
    last = message
    yield { message, seenS, skipped: passed - 1 }
    const sleepS = (message.captureTimeS ?? 0) + SLEEP_SHARE * periodS - steadyClockUs() / 1e6
    if (sleepS > 0 && sleepS < 1) await setTimeout(sleepS * 1000, undefined, { signal })
  }
}
