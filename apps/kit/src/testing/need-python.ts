import { findPython, type Python } from '../find-python.ts'

interface TestContext {
  skip(note?: string): never
}

/** The Python with robotmq. Without one the test is skipped, with the remedy; with RMQ_REQUIRE_ALL=1 it fails. */
export async function needPython(context: TestContext): Promise<Python> {
  const search = await findPython()
  if (search.python !== undefined) return search.python
  const reason = `no Python with robotmq: ${search.missing}`
  if (process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(reason)
  process.stderr.write(`SKIPPED: ${reason}\n`)
  return context.skip(reason)
}
