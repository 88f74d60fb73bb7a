import { setTimeout } from 'node:timers/promises'
import type { Python } from '@rmq/app-kit'
import type { Child } from './child-process.ts'
import { type Crew, DemoError } from './crew.ts'
import type { Phase } from './phase.ts'
import { controllerRole, type Endpoints, jointLoggerRole, policyRole } from './roles.ts'
import { PhaseStats } from './stats/phase-stats.ts'
import { within } from './within.ts'

const LISTEN_S = 20
const FLOW_S = 20

/** What came of a phase. */
export interface PhaseRun {
  readonly phase: Phase
  readonly stats: PhaseStats
  /** Seconds that all streams flowed. */
  readonly elapsedS: number
  /** What went wrong, except what the numbers tell. */
  readonly problems: readonly string[]
}

export interface PhaseContext {
  readonly crew: Crew
  readonly endpoints: Endpoints
  readonly python: Python | undefined
  readonly durationS: number
  /** The camera and the robot, which outlive the phase: their reports are for this phase while it runs. */
  readonly producers: readonly Child[]
  readonly signal: AbortSignal
  onStart(stats: PhaseStats): void
}

/** Starts the phase's programs, lets them talk and ends them. Never throws: what went wrong is in the result. */
export async function runPhase(phase: Phase, context: PhaseContext): Promise<PhaseRun> {
  const { crew, endpoints, python, durationS } = context
  const signal = AbortSignal.any([context.signal, crew.trouble])
  const stats = new PhaseStats()
  const children: Child[] = []
  const problems: string[] = []
  const listenTo = (child: Child) => {
    child.onReport = (report) => stats.add(report)
  }
  let startS: number | undefined
  try {
    const policy = crew.start(policyRole(endpoints, phase.policy, python))
    children.unshift(policy)
    await within(policy.listening, LISTEN_S, 'the policy did not listen', signal)
    children.unshift(crew.start(jointLoggerRole(endpoints)))
    children.unshift(crew.start(controllerRole(endpoints, phase.controller, python)))
    for (const child of [...children, ...context.producers]) listenTo(child)
    await within(stats.flowing, FLOW_S, 'not every stream brought something', signal)
    startS = performance.now() / 1000
    context.onStart(stats)
    await setTimeout(durationS * 1000, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) problems.push(messageOf(error))
  }
  const elapsedS = startS === undefined ? 0 : performance.now() / 1000 - startS
  for (const producer of context.producers) producer.onReport = () => {}
  // Whoever asks ends before whoever answers.
  problems.push(...(await crew.stop(...children)))
  return { phase, stats, elapsedS, problems }
}

function messageOf(error: unknown): string {
  return error instanceof DemoError ? error.message : `the demo itself failed: ${(error as Error).stack}`
}
