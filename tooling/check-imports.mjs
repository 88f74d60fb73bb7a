import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { lineAt, readModule } from './lib/module-source.mjs'
import { isMain, root } from './lib/root.mjs'
import { workspacePackages } from './lib/workspace.mjs'

/**
 * Who may import whom: core ← {serde, shm, zmq} ← robotmq ← {cli, policy, apps, examples, bench}.
 * A package that is not named here is one wire or one engine, and stands on core alone.
 */
const ARROWS = {
  '@rmq/core': [],
  '@rmq/serde': [],
  robotmq: 'any',
  '@rmq/cli': 'any',
  '@rmq/policy': ['robotmq'],
}
const ARROWS_OF_A_SIBLING = ['@rmq/core']
/** What no other package may import. */
const ON_TOP = ['@rmq/cli', '@rmq/policy']

/** What has to run in browsers: everything that these entries reach, or that lies under these folders. */
const BROWSER_SAFE = { '@rmq/core': { entry: 'src/index.ts' }, '@rmq/serde': { folder: 'src' } }

const SOURCE = /\.(?:[cm]?[jt]sx?)$/
const NODE_BUILTINS = new Set(builtinModules)
/** `globalThis.Buffer` behind a `typeof` is fine; the bare name throws where there is none. */
const NODE_GLOBALS = /(?<![.\w$]|typeof )(?:Buffer|process|__dirname|__filename)\b(?!\s*\??:)/g

/** The repository's import rules; each broken one is a line that names file, line and rule. */
export function checkImports(base = root) {
  const packages = workspacePackages(base)
  const byName = new Map(packages.map((pkg) => [pkg.manifest.name, pkg]))
  return packages.flatMap((pkg) => [
    ...checkDependencies(pkg, byName),
    ...checkSources(pkg, byName, base),
    ...checkBrowserSafe(pkg, base),
  ])
}

function checkDependencies(pkg, byName) {
  const { folder, manifest } = pkg
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies })
    .filter((name) => byName.has(name) && !mayImport(pkg, byName.get(name)))
    .map((name) => `${folder}/package.json: depends on ${name}, against the import arrows`)
}

function checkSources(pkg, byName, base) {
  return sourceFiles(pkg.directory).flatMap((file) =>
    readModule(readFileSync(file, 'utf8')).imports.flatMap(({ specifier, line }) => {
      const problem = problemOf(specifier, file, pkg, byName)
      return problem ? [`${path.relative(base, file)}:${line}: imports ${specifier}: ${problem}`] : []
    }),
  )
}

function problemOf(specifier, file, pkg, byName) {
  if (specifier.startsWith('.')) {
    const target = path.resolve(path.dirname(file), specifier)
    // Tooling is the repository's own and reads it; everything else keeps to its folder.
    if (pkg.folder === 'tooling' || isInside(pkg.directory, target)) return undefined
    return 'a path out of the package; import the other package by its public name'
  }
  const name = packageName(specifier)
  if (name === pkg.manifest.name) return notExported(specifier, pkg)
  const target = byName.get(name)
  if (target) {
    if (!mayImport(pkg, target)) return 'against the import arrows'
    if (!isDeclared(name, pkg, file)) return 'missing in the dependencies of its package.json'
    return notExported(specifier, target)
  }
  if (isBuiltin(specifier) || !isInside(path.join(pkg.directory, 'src'), file) || isDeclared(name, pkg, file))
    return undefined
  return 'missing in the dependencies of its package.json'
}

function mayImport(pkg, target) {
  if (target.folder === 'tooling') return false
  if (!pkg.folder.startsWith('packages/')) return true
  if (!target.folder.startsWith('packages/') || ON_TOP.includes(target.manifest.name)) return false
  const allowed = ARROWS[pkg.manifest.name] ?? ARROWS_OF_A_SIBLING
  return allowed === 'any' || allowed.includes(target.manifest.name)
}

/** Tests may use what only development needs; what is shipped may not. */
function isDeclared(name, { directory, manifest }, file) {
  const shipped = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies }
  if (name in shipped) return true
  const isShipped = manifest.private !== true && isInside(path.join(directory, 'src'), file)
  return !isShipped && (name in (manifest.devDependencies ?? {}) || name === 'robotmq')
}

function notExported(specifier, { manifest }) {
  const subpath = `.${specifier.slice(manifest.name.length)}`
  const isPublic = Object.keys(manifest.exports ?? {}).some((entry) => {
    const [start, end] = entry.split('*')
    return end === undefined ? entry === subpath : subpath.startsWith(start) && subpath.endsWith(end)
  })
  return isPublic ? undefined : `not one of the public entries of ${manifest.name}`
}

function checkBrowserSafe({ directory, manifest }, base) {
  const rule = BROWSER_SAFE[manifest.name]
  if (rule === undefined) return []
  const files = rule.entry
    ? reachableFrom(path.join(directory, rule.entry))
    : sourceFiles(path.join(directory, rule.folder))
  return files.flatMap((file) => {
    const { imports, code } = readModule(readFileSync(file, 'utf8'))
    const place = (line) => `${path.relative(base, file)}:${line}`
    const reason = `and has to run in browsers as part of ${manifest.name}`
    return [
      ...imports
        .filter(({ specifier }) => isBuiltin(specifier))
        .map(({ specifier, line }) => `${place(line)}: imports ${specifier}, ${reason}`),
      ...[...code.matchAll(NODE_GLOBALS)].map(
        (match) => `${place(lineAt(code, match.index))}: uses ${match[0]}, ${reason}`,
      ),
    ]
  })
}

function reachableFrom(entry) {
  const seen = new Set()
  for (const queue = [entry]; queue.length > 0; ) {
    const file = queue.shift()
    if (seen.has(file) || !existsSync(file)) continue
    seen.add(file)
    for (const { specifier } of readModule(readFileSync(file, 'utf8')).imports) {
      if (specifier.startsWith('.')) queue.push(path.resolve(path.dirname(file), specifier.replace(/\.js$/, '.ts')))
    }
  }
  return [...seen]
}

function sourceFiles(directory) {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name)
    if (entry.isDirectory())
      return ['node_modules', 'dist', 'build', 'testdata'].includes(entry.name) || entry.name.startsWith('.')
        ? []
        : sourceFiles(file)
    return SOURCE.test(entry.name) ? [file] : []
  })
}

function packageName(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function isBuiltin(specifier) {
  return specifier.startsWith('node:') || NODE_BUILTINS.has(specifier)
}

function isInside(directory, file) {
  const relative = path.relative(directory, file)
  return !relative.startsWith('..') && !path.isAbsolute(relative)
}

if (isMain(import.meta.url)) {
  const problems = checkImports()
  for (const problem of problems) process.stdout.write(`${problem}\n`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
