import { deserialize, serialize } from 'robotmq'
import type { Plan } from '../plan.ts'
import { measure } from './measure.ts'
import { observation } from './observation.ts'
import type { Role } from './role.ts'

/** The codec alone, in one process. */
export function codecRole(): Role {
  const value = observation()
  const data = serialize(value)
  return {
    close: async () => {},
    handlers: {
      bytes: () => data.byteLength,
      measureSerialize: ({ plan }: { plan: Plan }) => measure(() => serialize(value), plan),
      measureDeserialize: ({ plan }: { plan: Plan }) => measure(() => deserialize(data), plan),
      measureBoth: ({ plan }: { plan: Plan }) => measure(() => deserialize(serialize(value)), plan),
    },
  }
}
