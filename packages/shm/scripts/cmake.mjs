import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)

export const packageFolder = path.resolve(fileURLToPath(import.meta.url), '../..')

/**
 * Configures and builds the addon in a folder of its own under `build/`. Needs no network.
 * @returns undefined, or all that the tools printed where it failed
 */
export function runCmake(folder, definitions, env = process.env) {
  const tree = path.join(packageFolder, 'build', folder)
  const headers = ['node-api-headers', 'node-addon-api'].map((name) => path.resolve(require(name).include_dir))
  const all = { CMAKE_BUILD_TYPE: 'Release', RMQ_NODE_HEADERS: headers.join(';'), ...definitions }
  const configure = [
    ...(isCommand('ninja') ? ['-G', 'Ninja'] : []),
    ...['-S', packageFolder, '-B', tree],
    ...Object.entries(all).map(([name, value]) => `-D${name}=${value}`),
  ]
  for (const args of [configure, ['--build', tree, '--parallel', '2']]) {
    const { status, error, stdout, stderr } = spawnSync('cmake', args, { encoding: 'utf8', maxBuffer: 2 ** 26, env })
    if (status !== 0) return error?.message ?? `${stdout}${stderr}`
  }
  return undefined
}

export function isCommand(name) {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined
}
