import type { Figure } from './figure.ts'
import type { Plan } from './plan.ts'
import type { Sides } from './side.ts'
import type { Stage } from './stage.ts'
import type { Target } from './target.ts'

/** What its figure counts from, of each call; by the names of its rows where a bench has several. */
export type Samples = readonly number[] | Readonly<Record<string, readonly number[]>>

/** Measures one side once, as the plan says. */
export type Measure = (plan: Plan) => Promise<Samples>

/** Both sides of a bench, set up alike and ready to be measured in turns. */
export interface Contest {
  readonly ours: Measure
  readonly peer: Measure
}

/** `worst` is the one of all rounds. */
export type Statistic = 'p50' | 'p99' | 'worst'

/** A line of the table: one figure of both sides. */
export interface Row {
  /** Short and stable: people filter by it and machines compare by it. */
  readonly name: string
  /** What is done, for people. */
  readonly title: string
  readonly peerName: string
  readonly figure: Figure
  /** Which of the samples is compared. */
  readonly statistic: Statistic
  readonly target?: Target
}

export interface Bench extends Row {
  /** More that the same measurement tells. */
  readonly also?: readonly Row[]
  /** One measurement takes seconds by itself, so there are fewer rounds. */
  readonly long?: boolean
  /** @throws Skip where the machine lacks what it needs */
  prepare(stage: Stage, sides: Sides): Promise<Contest>
}

export function rowsOf(bench: Bench): readonly Row[] {
  return [bench, ...(bench.also ?? [])]
}
