import { checkChangesets } from '../check-changesets.mjs'
import { checkFormat } from '../check-format.mjs'
import { checkImports } from '../check-imports.mjs'
import { checkLockfile } from '../check-lockfile.mjs'
import { checkManifests } from '../check-manifests.mjs'
import { seconds, step, ToolingError } from '../lib/progress.mjs'
import { emptyResults } from '../lib/results.mjs'

/** Each answers a list of problems, or a list of `{ name, problems }` where it checks several things. */
const CHECKS = {
  'format and lint': checkFormat,
  'import arrows': checkImports,
  changesets: checkChangesets,
  lockfile: checkLockfile,
  manifests: checkManifests,
}

/** Runs the checks that need no test runner; each counts as one test. */
export async function runChecks() {
  const results = emptyResults()
  for (const [title, check] of Object.entries(CHECKS)) {
    const started = Date.now()
    step(`checking ${title}`)
    const answer = await answerOf(check)
    const checked = answer.some((entry) => entry.name) ? answer : [{ name: title, problems: answer }]
    for (const { name, problems } of checked) {
      if (problems.length === 0) results.passed++
      else
        results.failed.push({
          name: `check › ${name}`,
          detail: problems.length > 1 ? `${problems.length} problems, shown above` : problems[0],
        })
      for (const problem of problems) process.stdout.write(`  ✗ ${problem}\n`)
    }
    step(`checked ${title} in ${seconds(started)}`)
  }
  return results
}

/** A check that cannot do its work has not passed, and keeps nobody else from working. */
async function answerOf(check) {
  try {
    return await check()
  } catch (error) {
    return [error instanceof ToolingError ? error.message : error.stack]
  }
}
