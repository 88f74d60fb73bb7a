import { readdirSync } from 'node:fs'
import path from 'node:path'
import { capture } from './capture.mjs'
import { pnpm } from './pnpm.mjs'
import { ToolingError } from './progress.mjs'
import { root } from './root.mjs'
import { publishablePackages } from './workspace.mjs'

/** Packs every publishable package into `folder`, as a release would, and resolves to `[{ name, folder, manifest, tarball }]`. */
export async function packAll(folder) {
  return pack(publishablePackages(), folder)
}

/** The same for one and all of this workspace that it depends on. */
export async function packWithDependencies(name, folder) {
  const packages = new Map(publishablePackages().map((entry) => [entry.manifest.name, entry]))
  const wanted = new Set([name])
  for (const each of wanted) {
    for (const needed of Object.keys(packages.get(each).manifest.dependencies ?? {})) {
      if (packages.has(needed)) wanted.add(needed)
    }
  }
  return pack(
    [...wanted].map((each) => packages.get(each)),
    folder,
  )
}

async function pack(packages, folder) {
  const filters = packages.flatMap(({ manifest }) => ['--filter', manifest.name])
  const { code, output } = await capture(...pnpm('--recursive', ...filters, 'pack', '--pack-destination', folder), {
    cwd: root,
    env: { ...process.env, RMQ_PACK_AS_IS: '1' },
  })
  if (code !== 0) throw new ToolingError(`pnpm pack failed\n${output}`)
  const tarballs = readdirSync(folder)
  return packages.map(({ folder: source, manifest }) => {
    const file = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
    if (!tarballs.includes(file)) throw new ToolingError(`pnpm pack made no ${file}\n${output}`)
    return { name: manifest.name, folder: source, manifest, tarball: path.join(folder, file) }
  })
}
