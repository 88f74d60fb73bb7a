import { script, ToolingError } from './lib/progress.mjs'
import { addResults, emptyResults, summary } from './lib/results.mjs'
import { ensurePrebuilds } from './prebuild.mjs'
import { runChecks } from './runners/checks.mjs'
import { runNative } from './runners/native.mjs'
import { runVitest } from './runners/vitest.mjs'
import { setup } from './setup.mjs'
import { ensureVenv } from './venv.mjs'

/** With this set a missing tool is a failure and not a skip. */
const requireAll = process.env.RMQ_REQUIRE_ALL === '1'

/** Arguments go to Vitest and mean one thing is wanted: `npm test -- packages/core`. The rest is left out then. */
async function runAll(args) {
  const runners =
    args.length > 0 ? [prepare, () => runVitest(args)] : [prepare, prebuild, runChecks, () => runVitest([]), runNative]
  const results = []
  for (const runner of runners) results.push(await runner())
  return addResults(results)
}

/** What is needed before any test. */
async function prepare() {
  await setup()
  return attempt('the Python environments', ensureVenv, 'npm run venv')
}

function prebuild() {
  return attempt('the addons to publish', ensurePrebuilds, 'npm run prebuild')
}

/** Without it the tests that need it skip themselves; here only the reason is kept. */
async function attempt(name, work, command) {
  try {
    await work()
    return emptyResults()
  } catch (error) {
    if (!(error instanceof ToolingError)) throw error
    process.stderr.write(`\n✗ ${error.message}\n\n`)
    const entry = { name, detail: `${error.message.split('\n')[0]}; then: ${command}` }
    return { ...emptyResults(), [requireAll ? 'failed' : 'skipped']: [entry] }
  }
}

await script(async () => {
  const results = await runAll(process.argv.slice(2)).catch((error) => {
    // The counts are the last line whatever happens: whoever reads only them must see that it went wrong.
    process.stderr.write(`\n✗ ${error instanceof ToolingError ? error.message : error.stack}\n`)
    return { ...emptyResults(), failed: [{ name: 'the test run', detail: error.message }] }
  })
  process.stdout.write(summary(results))
  if (results.failed.length > 0 || (requireAll && results.skipped.length > 0)) process.exitCode = 1
})
