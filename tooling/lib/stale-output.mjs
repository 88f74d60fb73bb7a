import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { workspacePackages } from './workspace.mjs'

const OUTPUT = /(?:\.d\.ts|\.js)(?:\.map)?$/

/**
 * Removes what the compiler once wrote for sources that are gone. Neither tsc nor turbo does, and a module that nobody
 * has any more would be found by imports, and published.
 */
export function removeStaleOutput(base) {
  for (const { directory } of workspacePackages(base)) {
    const dist = path.join(directory, 'dist')
    if (!existsSync(dist)) continue
    for (const file of readdirSync(dist, { recursive: true }).filter((file) => OUTPUT.test(file))) {
      const source = path.join(directory, 'src', file.replace(OUTPUT, ''))
      if (!['.ts', '.tsx'].some((extension) => existsSync(source + extension))) rmSync(path.join(dist, file))
    }
  }
}
