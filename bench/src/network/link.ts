import { Cable, FaultProxy } from '@rmq/faults'
import type { Stage } from '../stage.ts'
import type { Condition } from './condition.ts'

/** A link as it stands: where the programs of each end run, and what they call each other. */
export interface Link {
  readonly server: { readonly enter: readonly string[] }
  readonly client: { readonly enter: readonly string[] }
  /** For one more server to bind. */
  endpoint(): Promise<string>
  /** What clients connect to for a server that is there. */
  reach(endpoint: string): Promise<string>
  pull(): Promise<void>
  plug(): Promise<void>
  close(): Promise<void>
}

export async function openLink({ cable, proxy }: Condition, stage: Stage): Promise<Link> {
  return cable === undefined ? proxied(stage, proxy) : cabled(await Cable.open(cable))
}

function cabled(cable: Cable): Link {
  let port = 5555
  return {
    server: cable.server,
    client: cable.client,
    endpoint: async () => `tcp://${cable.server.address}:${port++}`,
    reach: async (endpoint) => endpoint,
    pull: () => cable.pull(),
    plug: () => cable.plug(),
    close: () => cable.close(),
  }
}

function proxied(stage: Stage, faults: Condition['proxy']): Link {
  const here = { enter: [] }
  const proxies: FaultProxy[] = []
  const set = async (blackHole: boolean) => {
    for (const proxy of proxies) proxy.set({ blackHole })
  }
  return {
    server: here,
    client: here,
    endpoint: () => stage.endpoint('tcp'),
    reach: async (endpoint) => {
      const proxy = await FaultProxy.open(endpoint, faults)
      proxies.push(proxy)
      return proxy.endpoint
    },
    pull: () => set(true),
    plug: () => set(false),
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()))
    },
  }
}
