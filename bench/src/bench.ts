import type { Figure } from './figure.ts'
import type { Plan } from './plan.ts'
import type { Sides } from './side.ts'
import type { Stage } from './stage.ts'
import type { Target } from './target.ts'

/** Measures one side once, as the plan says: nanoseconds of each call. */
export type Measure = (plan: Plan) => Promise<number[]>

/** Both sides of a bench, set up alike and ready to be measured in turns. */
export interface Contest {
  readonly ours: Measure
  readonly peer: Measure
}

export interface Bench {
  /** Short and stable: people filter by it and machines compare by it. */
  readonly name: string
  /** What is done, for people. */
  readonly title: string
  readonly peerName: string
  readonly figure: Figure
  /** Which of the samples is compared. */
  readonly statistic: 'p50' | 'p99'
  readonly target?: Target
  /** One measurement takes seconds by itself, so there are fewer rounds. */
  readonly long?: boolean
  prepare(stage: Stage, sides: Sides): Promise<Contest>
}
