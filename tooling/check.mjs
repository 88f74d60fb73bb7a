import { script } from './lib/progress.mjs'
import { summary } from './lib/results.mjs'
import { runChecks } from './runners/checks.mjs'
import { setup } from './setup.mjs'

await script(async () => {
  await setup()
  const results = await runChecks()
  process.stdout.write(summary(results))
  if (results.failed.length > 0) process.exitCode = 1
})
