import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './lib/root.mjs'

/** An address in the lockfile would send everybody to the registry of whoever wrote it last. */
export function checkLockfile() {
  const lines = readFileSync(path.join(root, 'pnpm-lock.yaml'), 'utf8').split('\n')
  return lines.flatMap((line, index) =>
    /https?:\/\/|tarball:/.test(line) ? [`pnpm-lock.yaml:${index + 1}: names an address: ${line.trim()}`] : [],
  )
}
