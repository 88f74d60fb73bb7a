import { expect, it } from 'vitest'
import { parseReport, type StreamReport } from '../src/report.ts'
import { StreamReporter } from '../src/stream-reporter.ts'

it('reports what was seen since the last report, and the rest when it is closed', () => {
  const reports: StreamReport[] = []
  const reporter = new StreamReporter('camera', (report) => reports.push(report))
  reporter.seen({ latencyMs: 1.23456, number: 7 })
  reporter.seen({ latencyMs: 2, number: 9 })
  reporter.skipped(2)
  reporter.lost(0, 'none')
  reporter.lost(3, 'first')
  reporter.wrong('second')
  reporter.close()
  expect(reports).toEqual([
    {
      stream: 'camera',
      records: 2,
      skipped: 2,
      lost: 3,
      wrong: 1,
      latenciesMs: [1.235, 2],
      first: 7,
      last: 9,
      problem: 'first',
    },
  ])
})

it('reads reports back, and takes nothing else for one', () => {
  expect(parseReport('{"met":7,"atS":1.5}')).toEqual({ met: 7, atS: 1.5 })
  expect(parseReport('listening on ipc:///tmp/x')).toBeUndefined()
  expect(parseReport('{"broken')).toBeUndefined()
})
