import { setTimeout } from 'node:timers/promises'
import { CAMERA_HZ, JOINTS_HZ } from '../rates.ts'
import { brakeRole } from '../roles.ts'
import { until } from '../until.ts'
import { hertz, ms } from '../view/units.ts'
import type { Drill, Outcome, Stage } from './drill.ts'

const STOPPED_S = 3
const STARTS_WITHIN_S = 20
const WAKES_WITHIN_S = 10
/** Of the full rate, while the machine may be busy otherwise. */
const SHARE = 1 / 2

/** Stops the policy in the middle of its work, and sees to it that frames and joints go on. */
export const stopPolicy: Drill = {
  title: `the policy hangs for ${STOPPED_S} s`,
  async run({ crew, policy, stats, signal, start }: Stage): Promise<Outcome> {
    const { requests, streams } = stats
    const brake = start(brakeRole(policy.pid))
    await until(() => brake.spoke, STARTS_WITHIN_S, 'the policy was not stopped', signal)
    const frames = streams.camera.mark
    const joints = streams.joint_states.mark
    await setTimeout(STOPPED_S * 1000, undefined, { signal })
    const framesHz = streams.camera.rateSince(frames)
    const jointsHz = streams.joint_states.rateSince(joints)
    const { waiting } = requests
    const wokenMs = performance.now()
    const letGo = crew.stop(brake)
    const happened = (was: 'ran' | 'answered') => waiting.every((request) => requests.times(request, was) > 0)
    // The one is told by the policy, the other by the controller: either may be heard first.
    const isDone = () => happened('ran') && happened('answered')
    await until(isDone, WAKES_WITHIN_S, 'what was asked while the policy hung was not run and answered', signal)
    const answeredMs = performance.now() - wokenMs
    const problems = [...(await letGo)]
    if (waiting.length === 0) problems.push('nothing was asked while the policy hung')
    if (framesHz < SHARE * CAMERA_HZ) problems.push(`frames came at ${hertz(framesHz)} while the policy hung`)
    if (jointsHz < SHARE * JOINTS_HZ) problems.push(`joint states came at ${hertz(jointsHz)} while the policy hung`)
    const sum = (was: 'resent' | 'ran') => waiting.reduce((total, request) => total + requests.times(request, was), 0)
    const runs = sum('ran')
    return {
      text:
        `policy hung for ${STOPPED_S} s: frames at ${hertz(framesHz)}, joints at ${hertz(jointsHz)}; the request it had ` +
        `was sent ${1 + sum('resent')} times, ran ${runs === 1 ? 'once' : `${runs} times`}, answered ${ms(answeredMs)} ms later`,
      problems,
    }
  },
}
