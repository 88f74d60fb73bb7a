export type Language = 'TypeScript' | 'Python'

/** Who talks to whom in a part of the demo. Camera, robot and logger are TypeScript in all. */
export interface Phase {
  readonly controller: Language
  readonly policy: Language
}

/** @param python whether there is a Python with robotmq */
export function phasesFor(python: boolean): readonly Phase[] {
  if (!python) return [{ controller: 'TypeScript', policy: 'TypeScript' }]
  return [
    { controller: 'TypeScript', policy: 'Python' },
    { controller: 'Python', policy: 'TypeScript' },
  ]
}
