import type { Facts } from './facts.ts'
import { type Finding, ok, problem } from './finding.ts'

const NODE = { major: 20, minor: 20 }

/** Node.js and the native addon. */
export function runtimeFindings({ node, support }: Facts): Finding[] {
  return [nodeFinding(node), addonFinding(support)]
}

function nodeFinding({ version, platform, arch }: Facts['node']): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const what = `Node.js ${version} on ${platform}-${arch}`
  if (major > NODE.major || (major === NODE.major && minor >= NODE.minor)) return ok('node', what)
  return problem(
    'node',
    `${what} is too old: robotmq needs ${NODE.major}.${NODE.minor} or newer`,
    'Install a newer one, such as by `nvm install 22`.',
  )
}

function addonFinding(support: Facts['support']): Finding {
  if ('missing' in support) {
    return problem(
      'addon',
      `no shared memory: ${support.missing}`,
      'On Linux (x64, arm64) run `npm rebuild @rmq/shm`; elsewhere topics in shared memory cannot be used.',
    )
  }
  const { addon, abi, zeroCopy } = support
  const origin = addon.kind === 'prebuild' ? 'prebuilt' : 'built on this machine'
  const views = zeroCopy ? '' : '; this runtime shows no memory in place, so views are copies'
  return ok('addon', `native addon (${origin}, memory layout ${abi}) from ${addon.path}${views}`)
}
