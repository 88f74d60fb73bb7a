import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { repositoryRoot } from './root.ts'

/** What figures are worth nothing without. */
export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly kernel: string
  readonly node: string
  readonly python?: string
  readonly robotmq?: string
  /** The commit that was measured; null outside a checkout or before the first one. */
  readonly commit: string | null
}

const VERSIONS = `import importlib.metadata as m, platform; print(platform.python_version(), m.version("robotmq"))`

/** @param python the one with the original, where it takes part */
export function describeMachine(python?: string): Machine {
  const [pythonVersion, robotmq] = python === undefined ? [] : (output(python, ['-c', VERSIONS]) ?? '').split(' ')
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    ...(pythonVersion && robotmq && { python: pythonVersion, robotmq }),
    commit: commit(),
  }
}

function commit(): string | null {
  const id = output('git', ['rev-parse', '--short=12', 'HEAD'])
  if (id === null) return null
  return output('git', ['status', '--porcelain', '--untracked-files=no']) === '' ? id : `${id}, changed`
}

function output(command: string, args: readonly string[]): string | null {
  try {
    return execFileSync(command, args, {
      cwd: repositoryRoot,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return null
  }
}
