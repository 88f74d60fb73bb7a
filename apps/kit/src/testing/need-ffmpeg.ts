import { spawnSync } from 'node:child_process'

interface TestContext {
  skip(note?: string): never
}

/** Without ffmpeg the test is skipped, with the remedy; with RMQ_REQUIRE_ALL=1 it fails. */
export function needFfmpeg(context: TestContext): void {
  if (spawnSync('ffmpeg', ['-version']).status === 0) return
  const reason = 'no ffmpeg. On Debian or Ubuntu: apt-get install ffmpeg'
  if (process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(reason)
  process.stderr.write(`SKIPPED: ${reason}\n`)
  context.skip(reason)
}
