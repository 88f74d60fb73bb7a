import { RMQClient, RMQLogLevel } from 'robotmq'
import { Follower } from './follow.ts'
import type { Role } from './role.ts'

/** Many subscribers in one process, each over a connection of its own. */
export function crowdRole(): Role {
  const members: { readonly client: RMQClient; readonly follower: Follower }[] = []
  return {
    close: async () => {
      await Promise.all(members.map(({ client }) => client.close()))
    },
    handlers: {
      join: async ({ endpoint, count, topic }: { endpoint: string; count: number; topic: string }) => {
        for (let left = count; left > 0; left--) {
          const client = await RMQClient.connect('crowd', endpoint, { logLevel: RMQLogLevel.OFF })
          const follower = new Follower()
          members.push({ client, follower })
          await follower.subscribe(client, [topic], false)
        }
      },
      follow: ({ last, seconds }: { last: Readonly<Record<string, number>>; seconds: number }) =>
        Promise.all(members.map(({ follower }) => follower.follow(last, seconds))),
    },
  }
}
