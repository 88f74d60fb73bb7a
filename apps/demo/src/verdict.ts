import type { PhaseRun } from './run-phase.ts'

export const CAMERA_HZ = 30
export const JOINTS_HZ = 500

/** Shorter runs say nothing about rates. */
const RATES_FROM_S = 2
const PRODUCER_SHARE = 0.8
/** It acts on the newest frame and so may skip any number; a machine that compiles meanwhile needs the room. */
const CONTROLLER_SHARE = 1 / 4

/** @returns what is not as it must be, in words; nothing when all is well */
export function judge({ phase, stats, elapsedS, problems }: PhaseRun): readonly string[] {
  const { camera, joint_states: joints, inference } = stats.streams
  const found = [...problems]
  const check = (isWrong: boolean, text: string) => {
    if (isWrong) found.push(text)
  }
  const because = (problem: string | undefined) => (problem === undefined ? '' : ` (first: ${problem})`)
  check(camera.wrong > 0, `${camera.wrong} frames were torn${because(camera.problem)}`)
  check(joints.wrong > 0, `${joints.wrong} joint states were wrong${because(joints.problem)}`)
  check(joints.lost > 0, `${joints.lost} joint states were lost${because(joints.problem)}`)
  check(inference.wrong > 0, `${inference.wrong} answers of the policy were wrong${because(inference.problem)}`)
  check(inference.lost > 0, `${inference.lost} requests had no answer${because(inference.problem)}`)
  if (elapsedS >= RATES_FROM_S) {
    const { producers } = stats
    const rates: readonly [string, number, number][] = [
      ['the camera put frames', producers.camera.meanRateHz, PRODUCER_SHARE * CAMERA_HZ],
      ['the robot put joint states', producers.joint_states.meanRateHz, PRODUCER_SHARE * JOINTS_HZ],
      ['the logger read joint states', joints.meanRateHz, PRODUCER_SHARE * JOINTS_HZ],
      ['the controller got actions', inference.meanRateHz, CONTROLLER_SHARE * CAMERA_HZ],
    ]
    for (const [what, isHz, atLeastHz] of rates) {
      check(isHz < atLeastHz, `${what} at ${isHz.toFixed(1)} Hz, and ${atLeastHz} Hz is the least`)
    }
  }
  return found.map((text) => `${phase.controller} controller, ${phase.policy} policy: ${text}`)
}
