import { findPython, type PictureReport, type Python } from '@rmq/app-kit'
import { Crew, DemoError } from './crew.ts'
import { type Phase, phasesFor } from './phase.ts'
import { type PhaseRun, runPhase } from './run-phase.ts'
import { judge } from './verdict.ts'
import { openScreen, type Screen } from './view/screen.ts'
import { header, liveBlock, phaseSummary, phaseTitle, verdict } from './view/texts.ts'
import { makeWorkplace, type Workplace } from './workplace.ts'

const REFRESH_MS = 250

export interface DemoOptions {
  /** Of all phases together, at least; of one round with `forever`. */
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
  #pictureOptions: readonly string[]
  #introduced = false

  constructor(options: DemoOptions, python: Python | undefined, crew: Crew, place: Workplace, signal: AbortSignal) {
    this.#options = options
    this.#pictureOptions = options.pictureOptions
    this.#python = python
    this.#crew = crew
    this.#workplace = place
    this.#signal = signal
    this.#phases = phasesFor(python !== undefined)
  }

  async run(): Promise<void> {
    const screen = openScreen()
    try {
      let number = 0
      do {
        for (const phase of this.#phases) {
          await this.#runPhase(phase, number++, screen)
          if (this.#over) return
        }
      } while (this.#options.forever)
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

  async #runPhase(phase: Phase, number: number, screen: Screen): Promise<void> {
    const startS = performance.now() / 1000
    const news: string[] = []
    let refresh: NodeJS.Timeout | undefined
    screen.show([`${phaseTitle(phase)}: starting …`])
    const run = await runPhase(phase, {
      crew: this.#crew,
      endpoints: this.#workplace.endpoints(number),
      python: this.#python,
      pictureOptions: () => this.#pictureOptions,
      durationS: this.#options.seconds / this.#phases.length,
      signal: this.#signal,
      onPicture: (report) => this.#introduce(report, screen),
      onFlowing(stats) {
        const show = () => screen.show(liveBlock(phase, stats, performance.now() / 1000 - startS, news))
        refresh = setInterval(show, REFRESH_MS)
        show()
      },
      onDrill: (title) => news.push(`${title} …`),
      onOutcome: (text) => news.splice(-1, 1, text),
    })
    clearInterval(refresh)
    if (run.elapsedS > 0) this.#runs.set(phase, run)
    if (this.#crew.trouble.aborted) this.problems.push(this.#crew.trouble.reason.message)
    this.problems.push(...judge(run))
  }

  /** Tells who is who, once the camera has told what it shows. */
  #introduce({ picture, drawn }: PictureReport, screen: Screen): void {
    // Cameras that come later need not look for anything better again, which may take long.
    if (drawn) this.#pictureOptions = ['--test-picture']
    if (this.#introduced) return
    this.#introduced = true
    screen.clear()
    process.stdout.write(`${header(this.#phases, picture, this.#python).join('\n')}\n\n`)
  }
}
