import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Run } from './results-file.ts'
import { benchRoot } from './root.ts'
import { markdownTable } from './table.ts'

const BEGIN = '<!-- results: written by npm run bench -->'
const END = '<!-- end of results -->'

/** Puts the table of a run between the markers of bench/README.md. */
export function updateReadme(run: Run): void {
  const file = path.join(benchRoot, 'README.md')
  writeFileSync(file, withResults(readFileSync(file, 'utf8'), run))
}

/** @throws Error when the text has no markers to write between */
export function withResults(text: string, { machine, results, skipped = [] }: Run): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`The README needs "${BEGIN}" and "${END}" around its results.`)
  const where = `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}`
  const what = `Node ${machine.node}, Python ${machine.python}, robotmq ${machine.robotmq}`
  const when = `${machine.date.slice(0, 10)}, commit ${machine.commit ?? 'none'}`
  const missing = skipped.map(({ name, why }) => `\nNot measured: \`${name}\`. ${why}\n`).join('')
  const block = `${BEGIN}\n${where}; ${what}; ${when}.\n\n${markdownTable(results)}\n${missing}`
  return text.slice(0, begin) + block + text.slice(end)
}
