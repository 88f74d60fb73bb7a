import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { capture } from './lib/capture.mjs'
import { packAll } from './lib/pack.mjs'
import { root } from './lib/root.mjs'

/** publint and "are the types wrong" over each package as it would be published. */
export async function checkManifests() {
  const folder = mkdtempSync(path.join(tmpdir(), 'rmq-pack-'))
  try {
    const checked = []
    for (const { name, tarball } of await packAll(folder)) {
      checked.push({ name: `publint ${name}`, problems: await run('publint', ['run', tarball, '--strict']) })
      const types = ['--profile', 'esm-only', '--no-emoji', '--no-color', '--format', 'ascii', tarball]
      checked.push({ name: `types of ${name}`, problems: await run('attw', types) })
    }
    return checked
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run(tool, args) {
  const { code, output } = await capture(path.join(root, 'node_modules/.bin', tool), args, { cwd: root })
  return code === 0 ? [] : [`${tool} ${path.basename(args.find((arg) => arg.endsWith('.tgz')))}\n${output.trim()}`]
}
