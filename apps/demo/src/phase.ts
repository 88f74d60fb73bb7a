import type { Drill } from './drills/drill.ts'
import { killReader } from './drills/kill-reader.ts'
import { killWriter } from './drills/kill-writer.ts'
import { stopPolicy } from './drills/stop-policy.ts'

export type Language = 'TypeScript' | 'Python'

/** Who talks to whom in a part of the demo, and what is done to them. Camera, robot and logger are TypeScript in all. */
export interface Phase {
  readonly controller: Language
  readonly policy: Language
  /** One after the other. */
  readonly drills: readonly Drill[]
}

/** @param python whether there is a Python with robotmq */
export function phasesFor(python: boolean): readonly Phase[] {
  const drills = [killReader, stopPolicy, killWriter]
  if (!python) return [{ controller: 'TypeScript', policy: 'TypeScript', drills }]
  return [
    { controller: 'TypeScript', policy: 'Python', drills },
    // Its requests wait in line with its frames, so that a policy that hangs keeps it from reading.
    { controller: 'Python', policy: 'TypeScript', drills: [killReader, killWriter] },
  ]
}
