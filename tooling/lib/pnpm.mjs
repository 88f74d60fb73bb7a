import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './root.mjs'

/**
 * The command line that runs the pnpm that package.json pins, on a machine that has only npm.
 * `--yes` since npm may be set to refuse silently, `--prefer-offline` since a cached pnpm otherwise waits for the network.
 */
export function pnpm(...args) {
  const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  return ['npx', ['--yes', '--prefer-offline', packageManager, ...args]]
}
