import type { Plan } from '../plan.ts'
import { measure } from './measure.ts'
import { payloadOf } from './payload.ts'
import type { Role } from './role.ts'

/** As many as a topic of the put bench holds. */
const COPIES_KEPT = 200

/** Copies, and keeps the copies for as long as a topic would. */
export function copierRole(): Role {
  return {
    close: async () => {},
    handlers: {
      measureCopy: ({ bytes, plan }: { bytes: number; plan: Plan }) => {
        const data = payloadOf(bytes)
        const kept: Uint8Array[] = new Array(COPIES_KEPT)
        let next = 0
        return measure(() => {
          kept[next++ % COPIES_KEPT] = new Uint8Array(data)
        }, plan)
      },
    },
  }
}
