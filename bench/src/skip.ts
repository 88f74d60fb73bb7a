import { Problem } from './problem.ts'

/** The machine lacks what a bench needs: it is left out, and said to be. */
export class Skip extends Problem {}

/** A bench that was left out, and why. */
export interface Skipped {
  readonly name: string
  readonly why: string
}

/** Loud enough not to be taken for a result. */
export function skippedText(skipped: readonly Skipped[]): string {
  return skipped.map(({ name, why }) => `✗ skipped ${name}: ${why}`).join('\n')
}
