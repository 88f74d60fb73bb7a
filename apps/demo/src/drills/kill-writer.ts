import { setTimeout } from 'node:timers/promises'
import type { UnfinishedReport } from '@rmq/app-kit'
import { steadyClockUs } from 'robotmq'
import { until } from '../until.ts'
import { seconds } from '../view/units.ts'
import type { Drill, Outcome, Stage } from './drill.ts'

const HALFWAY_S = 10
const BACK_S = 30
/** So long everybody is watched with the new camera. */
const WATCHED_MS = 1000

/** Kills the camera in the middle of a put, and starts another one: readers find it by themselves. */
export const killWriter: Drill = {
  title: 'the camera is killed in the middle of a put',
  async run(stage: Stage): Promise<Outcome> {
    const { crew, stats, signal } = stage
    const { camera: frames } = stats.producers
    const dying = stage.camera
    let unfinished: UnfinishedReport | undefined
    dying.onReport = (report) => {
      if ('unfinished' in report) unfinished = report
      else stats.add(report)
    }
    dying.order('stop halfway')
    await until(() => unfinished !== undefined, HALFWAY_S, 'the camera did not stop halfway', signal)
    const { unfinished: frame, written, byteLength } = unfinished!
    const killedS = steadyClockUs() / 1e6
    await crew.kill(dying)
    // It told of each put, and all that it told was read: this is what it put in its life.
    const last = frames.number
    const camera = stage.replaceCamera(last + 1)
    // Either may be told first.
    const isBack = () => stats.metAtS(camera.pid) !== undefined && frames.firstPutAfter(killedS) !== undefined
    await until(isBack, BACK_S, 'no reader found the new camera', signal)
    const metS = stats.metAtS(camera.pid)! - killedS
    const putS = frames.firstPutAfter(killedS)! - killedS
    frames.paused(putS)
    await setTimeout(WATCHED_MS, undefined, { signal })
    const problems = []
    if (frame !== last + 1) problems.push(`the camera was halfway through frame ${frame} and had told of ${last}`)
    return {
      text:
        `kill -9 of the camera with ${((100 * written) / byteLength).toFixed(0)} % of frame ${frame} written: next put ` +
        `after ${seconds(putS)}, in the controller's hands after ${seconds(metS)}`,
      problems,
    }
  },
}
