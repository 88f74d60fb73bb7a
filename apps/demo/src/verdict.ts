import { CAMERA_HZ, JOINTS_HZ } from './rates.ts'
import type { PhaseRun } from './run-phase.ts'
import { accountOf, balances } from './stats/account.ts'
import { STREAMS } from './stats/phase-stats.ts'

/** Shorter runs say nothing about rates. */
const RATES_FROM_S = 2
/** A machine that compiles meanwhile needs the room. */
const SHARE = 1 / 2
/** It asks one thing at a time, and some of the time there is nobody to ask: only that it goes on is certain. */
const REQUESTS_LEAST_HZ = 1

/** @returns what is not as it must be, in words; nothing when all is well */
export function judge({ phase, stats, elapsedS, settled, problems }: PhaseRun): readonly string[] {
  const { camera, joint_states: joints, inference } = stats.streams
  const { requests, producers } = stats
  const found = [...problems]
  const check = (isWrong: boolean, text: string) => {
    if (isWrong) found.push(text)
  }
  const because = (problem: string | undefined) => (problem === undefined ? '' : ` (first: ${problem})`)
  check(camera.wrong > 0, `${camera.wrong} frames were torn or out of order${because(camera.problem)}`)
  check(joints.wrong > 0, `${joints.wrong} joint states were wrong${because(joints.problem)}`)
  check(joints.lost > 0, `${joints.lost} joint states were lost${because(joints.problem)}`)
  check(inference.wrong > 0, `${inference.wrong} answers of the policy were wrong${because(inference.problem)}`)
  check(inference.lost > 0, `${inference.lost} requests had no answer${because(inference.problem)}`)
  check(requests.repeated.length > 0, `requests ran more than once: ${requests.repeated.join(', ')}`)
  check(requests.unexplained.length > 0, `answered, and never run or asked: ${requests.unexplained.join(', ')}`)
  if (settled) {
    for (const name of STREAMS) {
      const account = accountOf(stats, name)
      const { published, received, skipped, lost } = account
      const text = `${published} published, ${received} received + ${skipped} skipped + ${lost} lost`
      check(!balances(account), `${name} does not add up: ${text}`)
    }
  }
  if (elapsedS >= RATES_FROM_S) {
    const rates: readonly [string, number, number][] = [
      ['the camera put frames', producers.camera.meanRateHz, SHARE * CAMERA_HZ],
      ['the robot put joint states', producers.joint_states.meanRateHz, SHARE * JOINTS_HZ],
      ['the logger read joint states', joints.meanRateHz, SHARE * JOINTS_HZ],
      ['the controller got actions', inference.meanRateHz, REQUESTS_LEAST_HZ],
    ]
    for (const [what, isHz, atLeastHz] of rates) {
      check(isHz < atLeastHz, `${what} at ${isHz.toFixed(1)} Hz, and ${atLeastHz} Hz is the least`)
    }
  }
  return found.map((text) => `${phase.controller} controller, ${phase.policy} policy: ${text}`)
}
