import { NDArray, RmqError } from 'robotmq'
import type { Actions } from './policy-handler.ts'

/**
 * An answer with a time for each of its actions: `{ actions, timestamps }`, float64 seconds, on whichever clock
 * `startS` is.
 * @param actions [steps, …]
 * @param startS when the first is due, such as the time of the observation
 * @param periodS seconds from one to the next
 */
export function timedActions(
  actions: NDArray,
  { startS, periodS }: { readonly startS: number; readonly periodS: number },
): { readonly actions: NDArray; readonly timestamps: NDArray<'float64'> } {
  if (actions.ndim < 1 || !Number.isFinite(startS) || !(periodS > 0 && Number.isFinite(periodS))) {
    throw new RmqError('INVALID_ARGUMENT', 'Timed actions need an array [steps, …], a startS and a periodS above 0.')
  }
  const times = Float64Array.from({ length: actions.shape[0]! }, (_, step) => startS + step * periodS)
  return { actions, timestamps: NDArray.fromData(times, 'float64') }
}

/** The actions of one answer, by time: a robot does not begin with those whose time passed while it waited. */
export class ActionChunk {
  readonly actions: NDArray
  /** Seconds, ascending; one for each action. */
  readonly timestamps: NDArray<'float64'>

  /** @throws MALFORMED_MESSAGE where the answer has no `actions`, or no `timestamps` for them */
  static from({ actions, timestamps }: Actions): ActionChunk {
    const fits =
      actions instanceof NDArray &&
      timestamps instanceof NDArray &&
      timestamps.is('float64') &&
      timestamps.ndim === 1 &&
      timestamps.size === actions.shape[0]
    if (!fits) throw new RmqError('MALFORMED_MESSAGE', 'The answer holds no actions with a timestamp for each.')
    return new ActionChunk(actions, timestamps.toContiguous())
  }

  private constructor(actions: NDArray, timestamps: NDArray<'float64'>) {
    this.actions = actions
    this.timestamps = timestamps
  }

  /** When the last action ends: it lasts as long as the one before it, or for ever where it is alone. */
  get endS(): number {
    const { data } = this.timestamps
    if (data.length === 0) return Number.NEGATIVE_INFINITY
    return data.length === 1 ? Number.POSITIVE_INFINITY : 2 * data.at(-1)! - data.at(-2)!
  }

  /** The action that is due, as a view; undefined before the first and after the end. */
  at(timeS: number): NDArray | undefined {
    if (!(timeS < this.endS)) return undefined
    const step = this.timestamps.data.findLastIndex((startS) => startS <= timeS)
    return step === -1 ? undefined : this.actions.slice(step)
  }
}
