import { existsSync } from 'node:fs'
import path from 'node:path'
import { hasCommand } from './capture.mjs'
import { ToolingError } from './progress.mjs'
import { workspacePackages } from './workspace.mjs'

/** Throws when this Node is older than package.json's `engines` says. */
export function requireNode(range) {
  const wanted = range
    .match(/(\d+)\.(\d+)/)
    .slice(1)
    .map(Number)
  const here = process.versions.node.split('.').map(Number)
  if (here[0] > wanted[0] || (here[0] === wanted[0] && here[1] >= wanted[1])) return
  throw new ToolingError(
    `Node ${wanted.join('.')} or newer is needed and this is ${process.versions.node}. Install it and run the command again.`,
  )
}

/** Throws when a workspace package holds C++ (a `native/CMakeLists.txt`) and the tools to build it are not there. */
export async function requireCompiler() {
  const native = workspacePackages().filter(({ directory }) =>
    existsSync(path.join(directory, 'native/CMakeLists.txt')),
  )
  if (native.length === 0) return
  const missing = []
  for (const tool of ['c++', 'cmake', 'make']) if (!(await hasCommand(tool))) missing.push(tool)
  if (missing.length === 0) return
  throw new ToolingError(
    `${native.map(({ folder }) => folder).join(', ')} is built from C++, and ${missing.join(', ')} is missing. ` +
      'On Debian or Ubuntu: apt-get install g++ cmake make',
  )
}
