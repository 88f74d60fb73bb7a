import type { Python } from '@rmq/app-kit'
import type { Phase } from '../phase.ts'
import type { PhaseRun } from '../run-phase.ts'
import type { PhaseStats } from '../stats/phase-stats.ts'
import { CAMERA_HZ, JOINTS_HZ } from '../verdict.ts'
import { streamTable } from './stream-table.ts'
import { renderTable } from './table.ts'

/** Who is who, in which language. */
export function header(phases: readonly Phase[], picture: string, python: Python | undefined): string[] {
  const inTurn = (role: keyof Phase) => [...new Set(phases.map((phase) => phase[role]))].join(', then ')
  const rows = [
    ['camera', 'TypeScript', `640x480 rgb at ${CAMERA_HZ} Hz: ${picture}`],
    ['robot', 'TypeScript', `the state of 7 joints at ${JOINTS_HZ} Hz`],
    ['logger', 'TypeScript', 'reads every joint state'],
    ['controller', inTurn('controller'), 'acts on the newest frame and checks every answer to the last bit'],
    ['policy', inTurn('policy'), 'answers { image, joints } with the next 16 actions'],
  ]
  const columns = ['left', 'left', 'left'].map((align) => ({ title: '', align: align as 'left' }))
  const python3 = python === undefined ? 'no Python' : `Python is the original robotmq ${python.robotmqVersion}`
  return [`A robot's programs, each a process of its own (${python3})`, '', ...renderTable(columns, rows).slice(2)]
}

export function phaseTitle({ controller, policy }: Phase): string {
  return `${controller} controller, ${policy} policy`
}

/** The block that is shown while a phase runs. */
export function liveBlock(phase: Phase, stats: PhaseStats, elapsedS: number, durationS: number): string[] {
  const time = `${Math.min(elapsedS, durationS).toFixed(0)} of ${durationS.toFixed(0)} s`
  return [`${phaseTitle(phase)}: ${time}`, '', ...streamTable(stats, 'now'), '', producers(stats)]
}

/** A phase in the closing summary. */
export function phaseSummary({ phase, stats, elapsedS }: PhaseRun): string[] {
  const { inference } = stats.streams
  const answers = `${inference.records} answers of the policy, ${inference.wrong === 0 ? 'all' : inference.records - inference.wrong} right to the last bit`
  return [
    `${phaseTitle(phase)}, ${elapsedS.toFixed(1)} s`,
    '',
    ...streamTable(stats, 'phase'),
    '',
    `${producers(stats)}; ${answers}`,
  ]
}

export function verdict(problems: readonly string[], stopped: boolean): string {
  if (problems.length > 0) return problems.map((problem) => `✗ ${problem}`).join('\n')
  if (stopped) return 'stopped before its end; until then all was as it must be'
  return '✓ every joint state arrived once and in order, every picture was whole, every action was right'
}

function producers({ producers: { camera, joint_states: robot } }: PhaseStats): string {
  return `camera put ${camera.records} frames (${camera.late} late), robot put ${robot.records} states (${robot.late} late)`
}
