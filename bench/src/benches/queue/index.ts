import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, Measure } from '../../bench.ts'
import { sharesOfCpu } from '../../cpu.ts'
import { MICROSECONDS, PER_SECOND, PERCENT_OF_CPU } from '../../figure.ts'
import type { Side } from '../../side.ts'
import type { Stage } from '../../stage.ts'
import { times, underCpu } from '../../target.ts'
import { type Ends, ITEM_BYTES, openQueue } from './ends.ts'

/** As `robotmq, polling`'s subscribers are measured: nobody spins, and the machine does not sleep. */
const GAP_S = [0.001, 0.003] as const
const ITEMS_PER_S = 500
/** Items of one measurement of throughput. */
const ITEMS = 400_000
const WARM_UP_TIMES_LONGER = 4
const BATCH = 100
const SETTLING_MS = 3000
const IDLE_TIMES_LONGER = 4

/** From the first put to the last take: ns an item. */
function throughput({ putter, taker }: Ends, batch: number): Measure {
  const once = async () => {
    const taken = taker.ask<number>('takeAll', { count: ITEMS, batch })
    const began = await putter.ask<number>('putAll', { count: ITEMS, bytes: ITEM_BYTES, batch })
    return ((await taken) - began) / ITEMS
  }
  const repeat = async (seconds: number) => {
    const samples: number[] = []
    const end = performance.now() + seconds * 1000
    do samples.push(await once())
    while (performance.now() < end)
    return samples
  }
  return async ({ warmUp, seconds }) => {
    // A loop that never returns becomes machine code later than a function that is called often.
    await repeat(warmUp.seconds * WARM_UP_TIMES_LONGER)
    return repeat(seconds)
  }
}

/** From before the call that puts to after the call that takes. */
function latency({ putter, taker }: Ends, awaiting: boolean): Measure {
  return async ({ warmUp, seconds }) => {
    const warm = Math.round(warmUp.seconds * ITEMS_PER_S)
    const count = warm + Math.round(seconds * ITEMS_PER_S)
    const arrivals = taker.ask<number[]>('takeTimed', { count, awaiting })
    const stamps = await putter.ask<number[]>('putPaced', { count, bytes: ITEM_BYTES, gapS: GAP_S })
    return (await arrivals).map((ns, i) => ns - stamps[i]!).slice(warm)
  }
}

function idle({ taker }: Ends, awaiting: boolean): Measure {
  return async (plan) => {
    const seconds = plan.seconds * IDLE_TIMES_LONGER
    const waited = taker.ask('wait', { seconds: seconds + SETTLING_MS / 1000 + 1, awaiting })
    await sleep(SETTLING_MS)
    const { shares } = await sharesOfCpu([taker.pid!], 'all', () => sleep(seconds * 1000))
    await waited
    return shares
  }
}

/** Each measured by the one at our side, and beside it zeroq, whose calls block. */
function besideZeroq(
  bench: Omit<Bench, 'peerName' | 'prepare'>,
  measure: (ends: Ends, ours: boolean) => Measure,
): Bench {
  return {
    ...bench,
    peerName: 'zeroq',
    prepare: async (stage, sides) => {
      const [ours, peer] = [await openQueue(stage, sides.ours), await openQueue(stage, sides.robotmq)]
      return { ours: measure(ours, true), peer: measure(peer, false) }
    },
  }
}

/** Items put by hundreds, beside our own put one by one. */
function batches(
  name: string,
  title: string,
  measure: (stage: Stage, side: Side, batch: number) => Promise<Measure>,
): Bench {
  return {
    name,
    title,
    peerName: 'ours, one by one',
    figure: PER_SECOND,
    statistic: 'p50',
    target: times(3),
    prepare: async (stage, sides) => ({
      ours: await measure(stage, sides.ours, BATCH),
      peer: await measure(stage, sides.ours, 1),
    }),
  }
}

/** The queue in shared memory. */
export const queueBenches: readonly Bench[] = [
  besideZeroq(
    {
      name: 'queue-throughput-64B',
      title: 'queue: items of 64B from one process to another, calls that block',
      figure: PER_SECOND,
      statistic: 'p50',
      target: times(2),
    },
    (ends) => throughput(ends, 1),
  ),
  batches(
    'queue-batches-64B',
    `queue: putBatch and getBatch of ${BATCH}, from one process to another`,
    async (stage, side, batch) => throughput(await openQueue(stage, side), batch),
  ),
  batches(
    'queue-batches-alone-64B',
    `queue: putBatchNowait of ${BATCH}, while nobody takes`,
    async (stage, side, batch) => {
      const { putter } = await openQueue(stage, side)
      return (plan) => putter.ask('measureAlone', { bytes: ITEM_BYTES, batch, plan })
    },
  ),
  besideZeroq(
    {
      name: 'queue-latency-64B',
      title: 'queue: put of 64B → the other process, blocked in getSync',
      figure: MICROSECONDS,
      statistic: 'p50',
      target: times(5),
    },
    (ends) => latency(ends, false),
  ),
  besideZeroq(
    {
      name: 'queue-latency-await-64B',
      title: 'queue: put of 64B → the other process, in await get; zeroq blocked',
      figure: MICROSECONDS,
      statistic: 'p50',
    },
    (ends, ours) => latency(ends, ours),
  ),
  ...[false, true].map((awaiting) =>
    besideZeroq(
      {
        name: `queue-idle-cpu${awaiting ? '-await' : ''}`,
        title: `queue: CPU of a process ${awaiting ? 'in await get' : 'blocked in getSync'}, nothing put`,
        figure: PERCENT_OF_CPU,
        statistic: 'worst',
        target: underCpu(0.2),
        long: true,
      },
      (ends, ours) => idle(ends, ours && awaiting),
    ),
  ),
]
