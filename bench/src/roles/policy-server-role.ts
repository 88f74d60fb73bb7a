import { setFlagsFromString } from 'node:v8'
import { PolicyGateway } from '@rmq/policy'
import { NDArray } from 'robotmq'
import type { Role } from './role.ts'

/** Serves a policy that computes nothing. Its twin is python/policy_server_role.py. */
export function policyServerRole(): Role {
  let gateway: PolicyGateway | undefined
  return {
    close: async () => gateway?.close(),
    handlers: {
      /** @returns the port of openpi's clients */
      serve: async ({ incrementalMarking }: { incrementalMarking: boolean }) => {
        if (!incrementalMarking) setFlagsFromString('--no-incremental-marking')
        const actions = NDArray.zeros([10, 7], 'float32')
        gateway = await PolicyGateway.serve(() => ({ actions }), { openpi: { port: 0 } })
        return Number(new URL(gateway.urls[0]!).port)
      },
    },
  }
}
