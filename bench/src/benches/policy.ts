import type { Bench } from '../bench.ts'
import { MICROSECONDS } from '../figure.ts'
import type { RoleProcess } from '../role-process.ts'
import type { Side } from '../side.ts'
import type { Stage } from '../stage.ts'
import { type Target, times } from '../target.ts'

interface Setting {
  readonly name: string
  /** How it differs from what our policy app does. */
  readonly how?: string
  /** V8's default; the app turns it off. */
  readonly incrementalMarking?: boolean
  readonly env?: NodeJS.ProcessEnv
  readonly target?: Target
}

function inferBench({ name, how = '', incrementalMarking = false, env = {}, target }: Setting): Bench {
  return {
    name,
    title: `openpi's Python client asks with {2 images 224x224x3, state, prompt}, no network behind it${how}`,
    peerName: 'Python server',
    figure: MICROSECONDS,
    statistic: 'p50',
    ...(target === undefined ? { long: true } : { target }),
    prepare: async (stage, sides) => {
      const [ours, peer] = await Promise.all([
        connect(stage, sides.ours, sides.robotmq, incrementalMarking, env),
        connect(stage, sides.robotmq, sides.robotmq, incrementalMarking, {}),
      ])
      return {
        ours: (plan) => ours.ask('measureInfer', { plan }),
        peer: (plan) => peer.ask('measureInfer', { plan }),
      }
    },
  }
}

/** A server of one side, and a client in Python for it. */
async function connect(
  stage: Stage,
  side: Side,
  python: Side,
  incrementalMarking: boolean,
  env: NodeJS.ProcessEnv,
): Promise<RoleProcess> {
  const port = await stage.start(side, 'policy-server', env).ask<number>('serve', { incrementalMarking })
  const client = stage.start(python, 'policy-client')
  const shape = await client.ask<number[]>('connect', { port })
  if (`${shape}` !== '10,7') throw new Error(`The policy answered with actions of the shape [${shape}].`)
  return client
}

/** A policy server of ours beside one in Python, each asked by openpi's own client. */
export const policyBenches: readonly Bench[] = [
  inferBench({ name: 'openpi-infer', target: times(1 / 1.1) }),
  inferBench({ name: 'openpi-infer-marking', how: "; with V8's incremental marking", incrementalMarking: true }),
  // ws does in JavaScript what bufferutil does: the way of machines that have no build of that.
  inferBench({ name: 'openpi-infer-pure-js', how: '; unmasked in JavaScript', env: { WS_NO_BUFFER_UTIL: '1' } }),
]
