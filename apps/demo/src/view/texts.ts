import type { Python } from '@rmq/app-kit'
import type { Phase } from '../phase.ts'
import { CAMERA_HZ, JOINTS_HZ } from '../rates.ts'
import type { PhaseRun } from '../run-phase.ts'
import type { PhaseStats } from '../stats/phase-stats.ts'
import { streamTable } from './stream-table.ts'
import { renderTable } from './table.ts'

/** Who is who, in which language. */
export function header(phases: readonly Phase[], picture: string, python: Python | undefined): string[] {
  const inTurn = (role: 'controller' | 'policy') => [...new Set(phases.map((phase) => phase[role]))].join(', then ')
  const rows = [
    ['camera', 'TypeScript', `640x480 rgb at ${CAMERA_HZ} Hz in shared memory: ${picture}`],
    ['robot', 'TypeScript', `the state of 7 joints at ${JOINTS_HZ} Hz`],
    ['logger', 'TypeScript', 'reads every joint state'],
    ['controller', inTurn('controller'), 'checks every frame that it gets, and every answer to the last bit'],
    ['policy', inTurn('policy'), 'answers { image, joints } with the next 16 actions'],
  ]
  const columns = ['left', 'left', 'left'].map((align) => ({ title: '', align: align as 'left' }))
  const python3 = python === undefined ? 'no Python' : `Python is the original robotmq ${python.robotmqVersion}`
  return [`A robot's programs, each a process of its own (${python3})`, '', ...renderTable(columns, rows).slice(2)]
}

export function phaseTitle({ controller, policy }: Phase): string {
  return `${controller} controller, ${policy} policy`
}

/** The block that is shown while a phase runs. @param news what came of the drills, and the one that goes on */
export function liveBlock(phase: Phase, stats: PhaseStats, elapsedS: number, news: readonly string[]): string[] {
  return [
    `${phaseTitle(phase)}: ${elapsedS.toFixed(0)} s`,
    '',
    ...streamTable(stats, 'now', false),
    '',
    ...news.map(item),
  ]
}

/** A phase in the closing summary. */
export function phaseSummary({ phase, stats, elapsedS, outcomes, settled }: PhaseRun): string[] {
  const { camera, joint_states: joints } = stats.producers
  const late = `${camera.late} frames and ${joints.late} joint states were put late`
  return [
    `${phaseTitle(phase)}, ${elapsedS.toFixed(1)} s (${late})`,
    '',
    ...streamTable(stats, 'phase', settled),
    '',
    ...outcomes.map(item),
  ]
}

/** All problems, one a line, and the verdict as the last line. */
export function verdict(problems: readonly string[], stopped: boolean): string {
  const lines = problems.map((problem) => `✗ ${problem}`)
  if (problems.length > 0)
    lines.push(`FAIL: ${problems.length === 1 ? 'this is not as it' : 'these are not as they'} must be`)
  else if (stopped) lines.push('stopped before its end; until then all was as it must be')
  else lines.push('PASS: 0 torn; published = received + skipped + lost in every row; every request ran once')
  return lines.join('\n')
}

function item(text: string): string {
  return `- ${text}`
}
