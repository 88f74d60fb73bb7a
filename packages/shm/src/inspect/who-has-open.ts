import { loadAddon } from '../native/addon.ts'
import { Status } from '../status.ts'

/** Why it is not known who holds a file. */
export const ANOTHER_USERS = 'another user’s: who holds it cannot be seen'

export interface Openness {
  readonly held: boolean | undefined
  /** Where that is not known. */
  readonly why?: string
}

/** Whether any process has one of these files open or mapped; robotmq holds its own so, and locks no bytes. */
export function whoHasOpen(paths: readonly string[]): Openness {
  for (const path of paths) {
    const status = loadAddon().isUnopened(path)
    if (status === Status.IN_USE) return { held: true }
    if (status !== Status.OK && status !== Status.NOT_FOUND) return { held: undefined, why: explain(status) }
  }
  return { held: false }
}

function explain(status: number): string {
  if (status === Status.PERMISSION_DENIED) return ANOTHER_USERS
  return `who holds it cannot be seen (${loadAddon().statusNames[status]})`
}
