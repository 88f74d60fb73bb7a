import type { Child } from '../child-process.ts'
import type { Crew } from '../crew.ts'
import type { Endpoints, Role } from '../roles.ts'
import type { PhaseStats } from '../stats/phase-stats.ts'

/** What a drill finds when it begins: everybody at work. */
export interface Stage {
  readonly crew: Crew
  readonly endpoints: Endpoints
  readonly stats: PhaseStats
  readonly policy: Child
  /** The camera that is there now. */
  readonly camera: Child
  readonly signal: AbortSignal
  /** Starts a program that ends with the phase, if not before. */
  start(role: Role): Child
  /** Starts a camera in place of the one that is dead; it becomes the stage's. */
  replaceCamera(firstFrame: number): Child
}

export interface Outcome {
  /** What was done, and what came of it with its times: one line for people. */
  readonly text: string
  /** What was not as it must be. */
  readonly problems: readonly string[]
}

/** Something bad that is done to the programs while they work. */
export interface Drill {
  /** While it goes on, for people. */
  readonly title: string
  run(stage: Stage): Promise<Outcome>
}
