import { setTimeout } from 'node:timers/promises'
import type { PictureReport, Python, Report } from '@rmq/app-kit'
import type { Child } from './child-process.ts'
import { type Crew, DemoError } from './crew.ts'
import type { Stage } from './drills/drill.ts'
import type { Phase } from './phase.ts'
import {
  cameraRole,
  controllerRole,
  type Endpoints,
  jointLoggerRole,
  policyRole,
  type Role,
  robotRole,
} from './roles.ts'
import { PhaseStats } from './stats/phase-stats.ts'
import { until } from './until.ts'

const LISTEN_S = 20
/** The camera may have to fetch its clip first. */
const CAMERA_LISTENS_S = 90
const FLOW_S = 20
const SETTLE_S = 10
/** Between one drill and the next, and before the end, all is calm for a while. */
const CALM_MS = 1000

/** What came of a phase. */
export interface PhaseRun {
  readonly phase: Phase
  readonly stats: PhaseStats
  /** Seconds that all streams flowed. */
  readonly elapsedS: number
  /** What came of each drill, for people. */
  readonly outcomes: readonly string[]
  /** Everybody came to the end, so that the accounts must balance. */
  readonly settled: boolean
  /** What went wrong, except what the numbers tell. */
  readonly problems: readonly string[]
}

/** What is told while the phase runs. */
export interface PhaseWatcher {
  onPicture(report: PictureReport): void
  onFlowing(stats: PhaseStats): void
  onDrill(title: string): void
  onOutcome(text: string): void
}

export interface PhaseContext extends PhaseWatcher {
  readonly crew: Crew
  readonly endpoints: Endpoints
  readonly python: Python | undefined
  /** The camera's own options that choose the picture; may change once a camera has told what it shows. */
  pictureOptions(): readonly string[]
  /** At least; the drills take the time that they need. */
  readonly durationS: number
  readonly signal: AbortSignal
}

/** Starts the phase's programs, lets them talk, does the drills and ends them. Never throws: the result tells. */
export async function runPhase(phase: Phase, context: PhaseContext): Promise<PhaseRun> {
  const signal = AbortSignal.any([context.signal, context.crew.trouble])
  const stats = new PhaseStats()
  const cast = new Cast(context, stats)
  const outcomes: string[] = []
  const problems: string[] = []
  let startS: number | undefined
  let settled = false
  try {
    const stage = await raise(phase, cast, context, signal)
    startS = performance.now() / 1000
    context.onFlowing(stats)
    for (const drill of phase.drills) {
      await setTimeout(CALM_MS, undefined, { signal })
      context.onDrill(drill.title)
      const outcome = await drill.run(stage)
      outcomes.push(outcome.text)
      problems.push(...outcome.problems)
      context.onOutcome(outcome.text)
    }
    const restMs = (startS + context.durationS) * 1000 - performance.now()
    await setTimeout(Math.max(CALM_MS, restMs), undefined, { signal })
    cast.rest()
    await until(() => stats.settled, SETTLE_S, 'the readers did not come to the end', signal)
    settled = true
  } catch (error) {
    if (!signal.aborted) problems.push(messageOf(error))
  }
  const elapsedS = startS === undefined ? 0 : performance.now() / 1000 - startS
  problems.push(...(await cast.stop()))
  return { phase, stats, elapsedS, outcomes, settled, problems }
}

/** Starts everybody. @returns once all streams flow */
async function raise(phase: Phase, cast: Cast, context: PhaseContext, signal: AbortSignal): Promise<Stage> {
  const { crew, endpoints, python } = context
  const listening = (child: Child, withinS: number) =>
    until(() => child.listening, withinS, `the ${child.name} did not listen`, signal)
  const robot = cast.start(robotRole(endpoints))
  const policy = cast.start(policyRole(endpoints, phase.policy, python))
  let camera = cast.start(cameraRole(endpoints, context.pictureOptions(), 1))
  await listening(robot, LISTEN_S)
  await listening(policy, LISTEN_S)
  await listening(camera, CAMERA_LISTENS_S)
  cast.start(jointLoggerRole(endpoints))
  cast.start(controllerRole(endpoints, phase.controller, python))
  const { stats } = cast
  await until(() => stats.flowing, FLOW_S, 'not every stream brought something', signal)
  return {
    crew,
    endpoints,
    stats,
    policy,
    signal,
    get camera() {
      return camera
    },
    start: (role) => cast.start(role),
    replaceCamera(firstFrame) {
      camera = cast.start(cameraRole(endpoints, context.pictureOptions(), firstFrame), camera)
      return camera
    },
  }
}

/** The programs of a phase. */
class Cast {
  readonly stats: PhaseStats
  readonly #context: PhaseContext
  readonly #children: Child[] = []

  constructor(context: PhaseContext, stats: PhaseStats) {
    this.#context = context
    this.stats = stats
  }

  /** @param inPlaceOf one that is dead */
  start(role: Role, inPlaceOf?: Child): Child {
    const child = this.#context.crew.start(role)
    child.onReport = (report) => this.#hear(report)
    if (inPlaceOf === undefined) this.#children.unshift(child)
    else this.#children.splice(this.#children.indexOf(inPlaceOf), 1, child)
    return child
  }

  /** Those who put end their puts. */
  rest(): void {
    for (const child of this.#children) if (child.running) child.order('rest')
  }

  /** Whoever asks ends before whoever answers. @returns what was wrong with how they ended */
  stop(): Promise<readonly string[]> {
    return this.#context.crew.stop(...this.#children)
  }

  #hear(report: Report): void {
    if ('picture' in report) this.#context.onPicture(report)
    else this.stats.add(report)
  }
}

function messageOf(error: unknown): string {
  return error instanceof DemoError ? error.message : `the demo itself failed: ${(error as Error).stack}`
}
