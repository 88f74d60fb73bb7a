import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './root.mjs'

/** The workspace's packages as `{ folder, directory, manifest }`; `folder` is relative to the root, like `packages/core`. */
export function workspacePackages(base = root) {
  const nested = ['packages', 'apps'].flatMap((parent) => {
    const directory = path.join(base, parent)
    return existsSync(directory) ? readdirSync(directory).map((name) => `${parent}/${name}`) : []
  })
  return [...nested, 'examples', 'bench', 'tooling']
    .filter((folder) => existsSync(path.join(base, folder, 'package.json')))
    .sort()
    .map((folder) => {
      const directory = path.join(base, folder)
      return { folder, directory, manifest: JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) }
    })
}

/** The packages that people install from npm. */
export function publishablePackages(base = root) {
  return workspacePackages(base).filter(({ manifest }) => manifest.private !== true)
}
