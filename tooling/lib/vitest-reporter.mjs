import { writeFileSync } from 'node:fs'

/**
 * Writes the run's results as JSON to the file that `RMQ_VITEST_RESULTS` names.
 * Vitest's own JSON reporter leaves out the notes of skipped tests and the errors outside of tests.
 */
export default class ResultsReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const results = { passed: 0, failed: [], skipped: [] }
    for (const module of modules) addModule(results, module)
    for (const error of unhandledErrors) {
      results.failed.push({ name: 'an error outside of the tests', detail: error.message ?? String(error) })
    }
    writeFileSync(process.env.RMQ_VITEST_RESULTS, JSON.stringify(results))
  }
}

function addModule(results, module) {
  const file = `${module.project.name} › ${module.relativeModuleId}`
  const failedBefore = results.failed.length
  for (const test of module.children.allTests()) {
    const { state, errors, note } = test.result()
    const name = `${file} › ${test.fullName}`
    if (state === 'passed') results.passed++
    else if (state === 'failed') results.failed.push({ name, detail: errors?.[0]?.message })
    else if (state === 'skipped') results.skipped.push({ name, group: groupOf(test, file), detail: note })
    else results.failed.push({ name, detail: 'never finished' })
  }
  for (const suite of module.children.allSuites()) addErrors(results, `${file} › ${suite.fullName}`, suite.errors())
  addErrors(results, file, module.errors())
  if (module.state() === 'failed' && results.failed.length === failedBefore) {
    results.failed.push({ name: file, detail: 'the file failed to load, or holds no tests' })
  }
}

/** Tests of one suite are mostly skipped together, for one reason. */
function groupOf(test, file) {
  return test.parent.type === 'suite' ? `${file} › ${test.parent.fullName}` : undefined
}

/** Errors of a file or of a suite's hooks, which no test carries. */
function addErrors(results, name, errors) {
  for (const error of errors) results.failed.push({ name, detail: error.message })
}
