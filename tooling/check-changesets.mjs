import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './lib/root.mjs'
import { publishablePackages } from './lib/workspace.mjs'

/** Each pending changeset must name packages that exist, know how big the change is, and tell users what it is. */
export function checkChangesets(base = root) {
  const folder = path.join(base, '.changeset')
  const names = new Set(publishablePackages(base).map(({ manifest }) => manifest.name))
  return readdirSync(folder)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .flatMap((file) =>
      problemsOf(readFileSync(path.join(folder, file), 'utf8'), names).map(
        (problem) => `.changeset/${file}: ${problem}`,
      ),
    )
}

function problemsOf(text, names) {
  const parts = text.match(/^---\r?\n([\s\S]*?)---\r?\n([\s\S]*)$/)
  if (!parts) return ['does not begin with a block between two lines of ---']
  const problems = parts[2].trim() === '' ? ['has no text for users'] : []
  for (const line of parts[1].split('\n').filter((line) => line.trim() !== '')) {
    const [, name, bump] = line.match(/^['"]?([^'":]+)['"]?:\s*(\S+)\s*$/) ?? []
    if (name === undefined) problems.push(`cannot be read: ${line}`)
    else if (!names.has(name)) problems.push(`names ${name}, which is no published package of this repository`)
    else if (!['major', 'minor', 'patch'].includes(bump))
      problems.push(`${name} is "${bump}", not major, minor or patch`)
  }
  return problems
}
