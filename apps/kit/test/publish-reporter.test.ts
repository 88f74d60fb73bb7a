import { expect, it, vi } from 'vitest'
import type { Pacer } from '../src/pacer.ts'
import { PublishReporter } from '../src/publish-reporter.ts'

const pacer = { late: 2, missed: 1 } as Pacer

function written(work: () => void): object[] {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    work()
    return write.mock.calls.map(([line]) => JSON.parse(String(line)))
  } finally {
    write.mockRestore()
  }
}

it('tells of each put at once, and when there are no more', () => {
  const reports = written(() => {
    const reporter = new PublishReporter('camera', pacer, { report: 'each' })
    reporter.put(41, 1.5)
    reporter.put(42, 1.75)
    reporter.rest()
  })
  const counts = { published: 'camera', late: 2, missed: 1 }
  expect(reports).toEqual([
    { ...counts, records: 1, last: 41, atS: 1.5, resting: false },
    { ...counts, records: 2, last: 42, atS: 1.75, resting: false },
    { ...counts, records: 2, last: 42, atS: 1.75, resting: true },
  ])
})

it('says nothing where nobody listens', () => {
  const reports = written(() => {
    const reporter = new PublishReporter('camera', pacer, { report: 'never' })
    reporter.put(1, 1.5)
    reporter.close()
  })
  expect(reports).toEqual([])
})
