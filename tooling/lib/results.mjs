import { stripVTControlCharacters } from 'node:util'

/**
 * What a runner answers: `{ passed, failed, skipped }`, a count and two lists of `{ name, detail }`.
 * For something that failed `detail` says how, for something skipped what would make it run; skipped entries with the
 * same `group` and `detail` are shown as one.
 */
export function emptyResults() {
  return { passed: 0, failed: [], skipped: [] }
}

/** Adds up the results of several runners. */
export function addResults(all) {
  return all.reduce(
    (sum, { passed, failed, skipped }) => ({
      passed: sum.passed + passed,
      failed: [...sum.failed, ...failed],
      skipped: [...sum.skipped, ...skipped],
    }),
    emptyResults(),
  )
}

/** The end of a test run: what was skipped, what failed, and the counts as the last line. */
export function summary({ passed, failed, skipped }) {
  return [
    ...section('Skipped', grouped(skipped)),
    ...section('Failed', failed),
    '',
    `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
    '',
  ].join('\n')
}

function section(title, entries) {
  if (entries.length === 0) return []
  return [
    '',
    `${title}:`,
    ...entries.map(({ name, detail }) => `  ${firstLine(name)}${detail ? `\n      ${firstLine(detail)}` : ''}`),
  ]
}

/** One entry for all of a group that give the same reason. */
function grouped(entries) {
  const groups = new Map()
  for (const entry of entries) {
    const key = JSON.stringify([entry.group ?? entry.name, entry.detail])
    groups.set(key, [...(groups.get(key) ?? []), entry])
  }
  return [...groups.values()].map((group) =>
    group.length === 1
      ? group[0]
      : { name: `${group[0].group ?? group[0].name}: ${group.length} tests`, detail: group[0].detail },
  )
}

function firstLine(text) {
  return stripVTControlCharacters(text).trimStart().split('\n')[0].slice(0, 300)
}
