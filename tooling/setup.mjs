import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { capture } from './lib/capture.mjs'
import { pnpm } from './lib/pnpm.mjs'
import { missingCompilerTools, requireNode } from './lib/prerequisites.mjs'
import { script, seconds, step, ToolingError } from './lib/progress.mjs'
import { isMain, root } from './lib/root.mjs'
import { removeStaleOutput } from './lib/stale-output.mjs'
import { workspacePackages } from './lib/workspace.mjs'

const STAMP = path.join(root, 'node_modules/.rmq-setup')
/** One compiler a core, quiet when it goes well, and as much built as can be when not. */
const BUILD_OPTIONS = [
  '--concurrency=100%',
  '--output-logs=errors-only',
  '--ui=stream',
  '--continue=dependencies-successful',
]

/** Installs what is not installed yet and builds what has changed. */
export async function setup() {
  requireNode(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).engines.node)
  await install()
  await build(await missingCompilerTools())
}

async function install() {
  const wanted = installHash()
  if (isInstalled(wanted)) return
  step('installing dependencies')
  const started = Date.now()
  const { code, output } = await capture(
    ...pnpm('install', '--frozen-lockfile', '--config.confirmModulesPurge=false', '--reporter=append-only'),
    { cwd: root },
  )
  if (code !== 0) throw new ToolingError(`the installation failed\n${output}${installAdvice(output)}`)
  writeFileSync(STAMP, wanted)
  step(`installed in ${seconds(started)}`)
}

/** A frozen install takes seconds even when it finds nothing to do, and everybody's `npm test` would pay them. */
function isInstalled(wanted) {
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== wanted) return false
  return workspacePackages().every(({ directory, manifest }) => {
    const needs = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    return needs.every((name) => existsSync(path.join(directory, 'node_modules', name, 'package.json')))
  })
}

function installHash() {
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}`)
  for (const file of files) hash.update(readFileSync(path.join(root, file)))
  for (const { folder, manifest } of workspacePackages()) hash.update(`${folder}\n${JSON.stringify(manifest)}`)
  return hash.digest('hex')
}

function installAdvice(output) {
  if (output.includes('OUTDATED_LOCKFILE')) {
    return '\nA package.json changed without pnpm-lock.yaml: run `npm run lock` and commit the lockfile.'
  }
  if (/EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ETIMEDOUT/.test(output)) {
    return '\nThe package registry cannot be reached: the first setup of a clone needs the network.'
  }
  return ''
}

async function build(missing) {
  step('building')
  if (missing.length > 0) {
    step(`!!! WITHOUT shared memory: ${missing.join(', ')} is missing (Debian, Ubuntu: apt-get install g++ cmake make)`)
  }
  removeStaleOutput()
  const started = Date.now()
  const { code, output } = await capture(...pnpm('exec', 'turbo', 'run', 'build', ...BUILD_OPTIONS), {
    cwd: root,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', ...withoutCompiler(missing) },
  })
  if (code !== 0) throw new ToolingError(`the build failed\n${output}`)
  const [, cached, total] = output.match(/Cached:\s+(\d+) cached, (\d+) total/) ?? []
  step(`built in ${seconds(started)}${total === undefined ? '' : `, ${cached} of ${total} packages from the cache`}`)
}

/** Part of the native build's cache key: what was built without a compiler is built again when there is one. */
function withoutCompiler(missing) {
  return missing.length > 0 ? { RMQ_WITHOUT_COMPILER: missing.join() } : {}
}

if (isMain(import.meta.url)) {
  await script(async () => {
    await setup()
    step('ready: npm run demo, npm test, ./node_modules/.bin/rmq --help')
  })
}
