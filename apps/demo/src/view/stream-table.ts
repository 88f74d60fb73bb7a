import { accountOf } from '../stats/account.ts'
import { type PhaseStats, STREAMS, type StreamName } from '../stats/phase-stats.ts'
import { type Column, renderTable } from './table.ts'
import { hertz, msPair, NONE } from './units.ts'

const COLUMNS: readonly Column[] = [
  { title: 'topic', align: 'left' },
  { title: 'from → to', align: 'left' },
  { title: 'rate' },
  { title: 'delay p50 / p99' },
  { title: 'published' },
  { title: 'received' },
  { title: 'skipped' },
  { title: 'lost' },
  { title: 'torn' },
]

const ROUTES: Readonly<Record<StreamName, string>> = {
  camera: 'camera → controller',
  joint_states: 'robot → logger',
  inference: 'controller → policy',
}

/**
 * One row a stream.
 * @param span of rates: the last two seconds, or the whole phase
 * @param settled before the end, what the two sides of a stream told is not of the same moment
 */
export function streamTable(stats: PhaseStats, span: 'now' | 'phase', settled: boolean): string[] {
  const rows = STREAMS.map((name) => {
    const stream = stats.streams[name]
    const { published, received, skipped, lost } = accountOf(stats, name)
    return [
      name,
      ROUTES[name],
      hertz(span === 'now' ? stream.rateHz : stream.meanRateHz),
      msPair(stream.latencies.percentile(0.5), stream.latencies.percentile(0.99)),
      settled ? String(published) : NONE,
      ...[received, skipped, lost, stream.wrong].map(String),
    ]
  })
  return renderTable(COLUMNS, rows)
}
