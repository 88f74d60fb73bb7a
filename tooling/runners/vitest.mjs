import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { foreground } from '../lib/foreground.mjs'
import { emptyResults } from '../lib/results.mjs'
import { root } from '../lib/root.mjs'

/** No single test may run for long, but a thread that never yields outlives every limit inside of Vitest. */
const LIMIT_S = Number(process.env.RMQ_TEST_LIMIT_S ?? 30 * 60)

/** Runs the projects' tests with these Vitest arguments (none: all of them). */
export async function runVitest(args) {
  const folder = mkdtempSync(path.join(tmpdir(), 'rmq-results-'))
  const file = path.join(folder, 'results.json')
  try {
    const code = await foreground(
      path.join(root, 'node_modules/.bin/vitest'),
      ['run', '--reporter=default', `--reporter=${path.join(root, 'tooling/lib/vitest-reporter.mjs')}`, ...args],
      { cwd: root, env: { ...process.env, RMQ_VITEST_RESULTS: file }, timeoutS: LIMIT_S },
    )
    const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : emptyResults()
    // Also when it crashed before it could write the file, or was killed.
    if (code !== 0 && results.failed.length === 0) {
      results.failed.push({ name: 'vitest', detail: `ended with exit code ${code} and no failed test` })
    }
    return results
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
