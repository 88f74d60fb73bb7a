import { hasCommand } from './capture.mjs'
import { ToolingError } from './progress.mjs'

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

/** Which of the tools that compile the native addon are not there. Without them all but shared memory can be built. */
export async function missingCompilerTools() {
  const missing = []
  for (const any of [['c++', 'g++', 'clang++'], ['cmake'], ['make', 'ninja']]) {
    const found = await Promise.all(any.map((tool) => hasCommand(tool)))
    if (!found.includes(true)) missing.push(any[0])
  }
  return missing
}
