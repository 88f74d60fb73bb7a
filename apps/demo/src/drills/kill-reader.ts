import type { HoldingReport } from '@rmq/app-kit'
import { RMQClient, RMQLogLevel, RmqError, steadyClockUs } from 'robotmq'
import { viewerRole } from '../roles.ts'
import { until } from '../until.ts'
import { ms, seconds } from '../view/units.ts'
import type { Drill, Outcome, Stage } from './drill.ts'

const READY_S = 20
/** Readers may hold nine frames together: while the viewer has so many, … */
const MANY = 7
/** … nobody can have so many. */
const FREE_AGAIN = 3
/** The camera must have gone round its memory: these are more frames than it has room for. */
const ROUND = 45
const WATCHED_S = 1
const LONGEST_GAP_S = 1
const FREE_WITHIN_S = 5

/**
 * Kills a reader while it holds in place as many frames as readers may hold, and finds out from outside when their memory
 * is free for others.
 */
export const killReader: Drill = {
  title: 'a reader takes all the frames it gets, and is killed with them in its hands',
  async run({ crew, endpoints, stats, signal, start }: Stage): Promise<Outcome> {
    const { camera } = stats.producers
    const viewer = start(viewerRole(endpoints))
    let held: HoldingReport = { holding: 0, whole: 0 }
    viewer.onReport = (report) => {
      if ('holding' in report) held = report
    }
    const others = await RMQClient.connect('others', endpoints.camera, { signal, logLevel: RMQLogLevel.ERROR })
    try {
      const isFull = () => held.holding >= MANY && !canHold(others, FREE_AGAIN)
      await until(isFull, READY_S, 'the viewer did not get all frames that may be held', signal)
      const before = camera.number
      await until(() => camera.number >= before + ROUND, READY_S, 'the camera did not go on', signal)
      const wasFull = isFull()
      const killedS = steadyClockUs() / 1e6
      const killed = crew.kill(viewer)
      await until(() => canHold(others, FREE_AGAIN), FREE_WITHIN_S, "the dead reader's frames were not free", signal)
      const freeS = steadyClockUs() / 1e6 - killedS
      await killed
      const watchedToS = killedS + WATCHED_S
      const isWatched = () => camera.firstPutAfter(watchedToS) !== undefined
      await until(isWatched, READY_S, 'the camera did not go on', signal)
      const gapS = camera.longestGapS(killedS - WATCHED_S, watchedToS)
      const { holding, whole } = held
      const problems = []
      if (!wasFull) problems.push(`the reader lost hold of its ${holding} frames before it was killed`)
      if (whole < holding) problems.push(`${holding - whole} of ${holding} frames changed while a reader held them`)
      if (gapS > LONGEST_GAP_S) problems.push(`the camera paused for ${seconds(gapS)} when a reader was killed`)
      return {
        text:
          `kill -9 of a reader holding ${holding} frames${whole === holding ? ', all whole' : ''}: longest pause of the camera ${ms(gapS * 1e3)} ms, ` +
          `their memory free after ${seconds(freeS)}`,
        problems,
      }
    } finally {
      await others.close()
    }
  },
}

/** Whether this many frames may be held at once. They are let go at once. */
function canHold(client: RMQClient, count: number): boolean {
  const held = []
  try {
    while (held.length < count) {
      const lease = client.view('camera')
      if (lease === undefined) return false
      held.push(lease)
    }
    return true
  } catch (error) {
    if (RmqError.isInstance(error) && error.code === 'LEASE_LIMIT') return false
    throw error
  } finally {
    for (const lease of held) lease.release()
  }
}
