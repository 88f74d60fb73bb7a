import { steadyClockUs } from 'robotmq'
import { expect, it } from 'vitest'
import { parseReport, type StreamReport } from '../src/report.ts'
import { StreamReporter } from '../src/stream-reporter.ts'

it('reports what was seen since the last report, and the rest when it is closed', () => {
  const reports: StreamReport[] = []
  const reporter = new StreamReporter('camera', (report) => reports.push(report))
  reporter.seen({ bytes: 100, latencyMs: 1.23456, newestS: steadyClockUs() / 1e6, skipped: 2 })
  reporter.seen({ bytes: 100, latencyMs: 2, newestS: steadyClockUs() / 1e6 })
  reporter.lost(3, 'first')
  reporter.wrong('second')
  reporter.close()
  expect(reports).toHaveLength(1)
  const { newestAgeMs, ...counts } = reports[0]!
  expect(counts).toEqual({
    stream: 'camera',
    records: 2,
    bytes: 200,
    skipped: 2,
    lost: 3,
    wrong: 1,
    latenciesMs: [1.235, 2],
    problem: 'first',
  })
  expect(newestAgeMs).toBeGreaterThanOrEqual(0)
  expect(newestAgeMs).toBeLessThan(1000)
})

it('reads reports back, and takes nothing else for one', () => {
  expect(parseReport('{"picture":"a clip"}')).toEqual({ picture: 'a clip' })
  expect(parseReport('listening on ipc:///tmp/x')).toBeUndefined()
  expect(parseReport('{"broken')).toBeUndefined()
})
