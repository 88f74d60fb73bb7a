import path from 'node:path'
import { capture } from './lib/capture.mjs'
import { root } from './lib/root.mjs'

/** Biome's findings, formatting included. `npm run format` mends most of them. */
export async function checkFormat() {
  const { code, output } = await capture(
    path.join(root, 'node_modules/.bin/biome'),
    ['check', '--error-on-warnings', '--colors=off', '.'],
    {
      cwd: root,
    },
  )
  return code === 0 ? [] : [`biome check failed (npm run format mends most)\n${output}`]
}
