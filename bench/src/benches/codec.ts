import type { CodecName } from 'robotmq'
import type { Bench, Contest } from '../bench.ts'
import { MICROSECONDS } from '../figure.ts'
import type { Plan } from '../plan.ts'
import type { RoleProcess } from '../role-process.ts'
import type { ValueName } from '../roles/observation.ts'
import { atLeast, type Target, times, under } from '../target.ts'
import { LARGE } from './sizes.ts'

type Command = (role: RoleProcess, plan: Plan) => Promise<number[]>

const VALUES = {
  vga: '{image 480x640x3 uint8, joints 7 float64, meta}',
  'two-cameras': '{2 images 224x224x3 uint8, state 32 float32, prompt}',
} as const

/** One side's codec beside the other's, each in its own process. */
function codecBench(
  name: string,
  title: string,
  ours: Command,
  peer: Command,
  rest: Pick<Bench, 'peerName' | 'target' | 'long'>,
): Bench {
  return {
    name,
    title,
    figure: MICROSECONDS,
    statistic: 'p50',
    prepare: async (stage, sides): Promise<Contest> => {
      const other = PYTHONS.includes(rest.peerName) ? sides.robotmq : sides.ours
      const [us, them] = [stage.start(sides.ours, 'codec'), stage.start(other, 'codec')]
      return { ours: (plan) => ours(us, plan), peer: (plan) => peer(them, plan) }
    },
    ...rest,
  }
}

/** The peers that are Python's; the others are measured in a process of our side. */
const PYTHONS: readonly string[] = ['robotmq', 'openpi', 'msgpack-numpy']

const ask =
  (command: string, codec: CodecName, value: ValueName): Command =>
  (role, plan) =>
    role.ask(command, { codec, value, plan })

function robotmq(name: string, title: string, command: string, target?: Target): Bench {
  const task = ask(command, 'robotmq', 'vga')
  return codecBench(name, `${title} ${VALUES.vga}`, task, task, { peerName: 'robotmq', ...(target && { target }) })
}

/** What a program does that keeps its memory, which Python's codecs cannot; and what one does that does not. */
function pair(codec: 'robotmq' | 'openpi' | 'msgpack-numpy', value: 'vga' | 'two-cameras', target: Target): Bench[] {
  return [
    codecBench(
      `codec-${codec}-${value}`,
      `${codec}: encode into one buffer and decode ${VALUES[value]}`,
      ask('measureBothInto', codec, value),
      ask('measureBoth', codec, value),
      { peerName: codec, target },
    ),
    codecBench(
      `codec-${codec}-${value}-fresh`,
      `${codec}: encode into a new buffer ${VALUES[value]}`,
      ask('measureEncode', codec, value),
      ask('measureEncode', codec, value),
      { peerName: codec, target: atLeast(0.8) },
    ),
  ]
}

const copy =
  (command: 'measureCopy' | 'measureFreshCopy'): Command =>
  (role, plan) =>
    role.ask(command, { bytes: LARGE.bytes, plan })

const large: readonly Bench[] = [
  codecBench(
    `codec-openpi-${LARGE.label}-encode`,
    `openpi: encode ${LARGE.label} into one buffer, beside one copy`,
    ask('measureEncodeInto', 'openpi', '76MB'),
    copy('measureCopy'),
    { peerName: 'memcpy', target: times(1 / 1.2), long: true },
  ),
  codecBench(
    `codec-openpi-${LARGE.label}-decode`,
    `openpi: decode ${LARGE.label} of uint8, as a view`,
    ask('measureDecode', 'openpi', '76MB'),
    ask('measureDecode', 'openpi', '76MB'),
    { peerName: 'openpi', target: under(50), long: true },
  ),
  codecBench(
    `codec-openpi-${LARGE.label}-decode-odd`,
    `openpi: decode ${LARGE.label} of float64 at an odd address, beside one copy into new memory`,
    ask('measureDecode', 'openpi', '76MB-odd'),
    copy('measureFreshCopy'),
    { peerName: 'memcpy', target: times(1 / 1.2), long: true },
  ),
]

const mixed = codecBench(
  'codec-msgpack-mixed',
  'msgpack: encode and decode 1,000 small mixed fields',
  ask('measureBoth', 'msgpack', 'mixed'),
  ask('measureMsgpackr', 'msgpack', 'mixed'),
  { peerName: 'msgpackr', target: times(1 / 1.3) },
)

/** Beside the codecs of Python's robotmq, openpi and msgpack-numpy, a plain copy, and msgpackr. */
export const codecBenches: readonly Bench[] = [
  robotmq('serialize', 'serialize', 'measureEncode'),
  robotmq('deserialize', 'deserialize', 'measureDecode'),
  robotmq('serialize+deserialize', 'serialize and deserialize', 'measureBoth', times(1)),
  ...(['vga', 'two-cameras'] as const).flatMap((value) => [
    ...pair('openpi', value, times(1.5)),
    ...pair('msgpack-numpy', value, times(1.5)),
    ...pair('robotmq', value, times(2)),
  ]),
  ...large,
  mixed,
]
