import { type PhaseStats, STREAMS, type StreamName } from '../stats/phase-stats.ts'
import { type Column, renderTable } from './table.ts'
import { bytesPerS, hertz, ms, msPair, NONE } from './units.ts'

const COLUMNS: readonly Column[] = [
  { title: 'topic', align: 'left' },
  { title: 'from → to', align: 'left' },
  { title: 'rate' },
  { title: 'newest' },
  { title: 'put→seen p50/p99' },
  { title: 'request p50/p99' },
  { title: 'skipped' },
  { title: 'lost' },
  { title: 'bytes' },
]

const ROUTES: Readonly<Record<StreamName, string>> = {
  camera: 'camera → controller',
  joint_states: 'robot → logger',
  inference: 'controller → policy',
}

/**
 * One row a stream.
 * @param span of rates: the last two seconds, or the whole phase
 */
export function streamTable(stats: PhaseStats, span: 'now' | 'phase'): string[] {
  const rows = STREAMS.map((name) => {
    const stream = stats.streams[name]
    const latency = msPair(stream.latencies.percentile(0.5), stream.latencies.percentile(0.99))
    const isRequest = name === 'inference'
    const age = span === 'now' ? stream.newestAgeMs : stream.reportedAgeMs
    return [
      name,
      ROUTES[name],
      hertz(span === 'now' ? stream.rateHz : stream.meanRateHz),
      age === undefined ? NONE : `${ms(age)} ms`,
      isRequest ? NONE : latency,
      isRequest ? latency : NONE,
      name === 'camera' ? `${stream.skipped}` : NONE,
      `${stream.lost}`,
      bytesPerS(span === 'now' ? stream.bytesPerS : stream.meanBytesPerS),
    ]
  })
  return renderTable(COLUMNS, rows)
}
