import type { PictureReport } from '@rmq/app-kit'
import { findPython, type Python } from '@rmq/app-kit'
import type { Child } from './child-process.ts'
import { Crew, DemoError } from './crew.ts'
import { type Phase, phasesFor } from './phase.ts'
import { cameraRole, robotRole } from './roles.ts'
import { type PhaseRun, runPhase } from './run-phase.ts'
import type { PhaseStats } from './stats/phase-stats.ts'
import { judge } from './verdict.ts'
import { openScreen, type Screen } from './view/screen.ts'
import { header, liveBlock, phaseSummary, phaseTitle, verdict } from './view/texts.ts'
import { within } from './within.ts'
import { makeWorkplace, type Workplace } from './workplace.ts'

/** The camera may have to fetch its clip first. */
const CAMERA_LISTENS_S = 90
const ROBOT_LISTENS_S = 20
const REFRESH_MS = 250

export interface DemoOptions {
  /** Of all phases together; of one round with `forever`. */
  readonly seconds: number
  readonly forever: boolean
  /** The camera's own options that choose the picture. */
  readonly pictureOptions: readonly string[]
  /** A missing Python is a failure. */
  readonly requireAll: boolean
}

/** @returns the exit code: 0 all was well, 1 it was not, 130 stopped before the end */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const search = await findPython()
  if (search.python === undefined) {
    if (options.requireAll) throw new DemoError(`RMQ_REQUIRE_ALL asks for Python, and ${search.missing}`)
    process.stderr.write(`No Python takes part: ${search.missing}\n\n`)
  }
  const crew = new Crew()
  const workplace = makeWorkplace()
  const demo = new Demo(options, search.python, crew, workplace, signal)
  try {
    await demo.run()
  } finally {
    demo.problems.push(...(await crew.close()))
    workplace.remove()
  }
  return demo.close()
}

class Demo {
  readonly problems: string[] = []
  readonly #options: DemoOptions
  readonly #python: Python | undefined
  readonly #crew: Crew
  readonly #workplace: Workplace
  readonly #signal: AbortSignal
  readonly #phases: readonly Phase[]
  /** The last run of each phase. */
  readonly #runs = new Map<Phase, PhaseRun>()

  constructor(options: DemoOptions, python: Python | undefined, crew: Crew, place: Workplace, signal: AbortSignal) {
    this.#options = options
    this.#python = python
    this.#crew = crew
    this.#workplace = place
    this.#signal = signal
    this.#phases = phasesFor(python !== undefined)
  }

  async run(): Promise<void> {
    const screen = openScreen()
    try {
      screen.show(['starting the camera and the robot …'])
      const producers = await this.#startProducers(screen)
      let number = 0
      do {
        for (const phase of this.#phases) {
          await this.#runPhase(phase, number++, producers, screen)
          if (this.#over) return
        }
      } while (this.#options.forever)
    } catch (error) {
      if (error instanceof DemoError) this.#report(error)
      else if (!this.#signal.aborted) throw error
    } finally {
      screen.close()
    }
  }

  /** Prints the summary. @returns the exit code */
  close(): number {
    const stopped = this.#signal.aborted && !this.#options.forever
    for (const run of this.#runs.values()) process.stdout.write(`${phaseSummary(run).join('\n')}\n\n`)
    process.stdout.write(`${verdict(this.problems, stopped)}\n`)
    if (this.problems.length > 0) return 1
    return stopped ? 130 : 0
  }

  get #over(): boolean {
    return this.#signal.aborted || this.problems.length > 0
  }

  async #startProducers(screen: Screen): Promise<readonly Child[]> {
    const endpoints = this.#workplace.endpoints(0)
    const signal = AbortSignal.any([this.#signal, this.#crew.trouble])
    const robot = this.#crew.start(robotRole(endpoints))
    const camera = this.#crew.start(cameraRole(endpoints, this.#options.pictureOptions))
    let picture = ''
    camera.onReport = (report) => {
      if ('picture' in report) picture = (report as PictureReport).picture
    }
    await within(robot.listening, ROBOT_LISTENS_S, 'the robot did not listen', signal)
    await within(camera.listening, CAMERA_LISTENS_S, 'the camera did not listen', signal)
    screen.clear()
    process.stdout.write(`${header(this.#phases, picture, this.#python).join('\n')}\n\n`)
    return [camera, robot]
  }

  async #runPhase(phase: Phase, number: number, producers: readonly Child[], screen: Screen): Promise<void> {
    const durationS = this.#options.seconds / this.#phases.length
    let refresh: NodeJS.Timeout | undefined
    const onStart = (stats: PhaseStats) => {
      const startS = performance.now() / 1000
      const show = () => screen.show(liveBlock(phase, stats, performance.now() / 1000 - startS, durationS))
      refresh = setInterval(show, REFRESH_MS)
      show()
    }
    screen.show([`${phaseTitle(phase)}: starting …`])
    const endpoints = this.#workplace.endpoints(number)
    const run = await runPhase(phase, {
      crew: this.#crew,
      endpoints,
      python: this.#python,
      durationS,
      producers,
      signal: this.#signal,
      onStart,
    })
    clearInterval(refresh)
    if (run.elapsedS > 0) this.#runs.set(phase, run)
    if (this.#crew.trouble.aborted) this.#report(this.#crew.trouble.reason)
    this.problems.push(...judge(run))
  }

  #report(error: Error): void {
    this.problems.push(error.message)
  }
}
