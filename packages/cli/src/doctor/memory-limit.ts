import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { MemoryLimit } from './facts.ts'

/** v1 writes "no limit" as the largest page-rounded signed number. */
const UNLIMITED = 2 ** 62

const FILES = {
  1: { limit: 'memory.limit_in_bytes', usage: 'memory.usage_in_bytes', prefix: 'total_' },
  2: { limit: 'memory.max', usage: 'memory.current', prefix: '' },
} as const

/**
 * The limit that leaves this process the least, of its own cgroup and of all above it, in both versions of cgroups.
 * @param procCgroup `/proc/self/cgroup`
 * @param cgroupRoot `/sys/fs/cgroup`
 */
export function readMemoryLimit(procCgroup: string, cgroupRoot: string): MemoryLimit | undefined {
  const limits = readText(procCgroup)
    .split('\n')
    .flatMap((line) => {
      const [, controllers, group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
      if (group === undefined) return []
      if (controllers === '') return climb(2, cgroupRoot, group)
      return controllers?.split(',').includes('memory') ? climb(1, path.join(cgroupRoot, 'memory'), group) : []
    })
  const left = ({ limitBytes, usedBytes }: MemoryLimit) => limitBytes - usedBytes
  return limits.toSorted((a, b) => left(a) - left(b))[0]
}

/** In a container the group's path may not exist below the mount; its root still does. */
function climb(version: 1 | 2, root: string, group: string): MemoryLimit[] {
  const parts = group.split('/').filter((part) => part !== '' && part !== '..')
  return [...parts.keys(), parts.length].flatMap((depth) => {
    const limit = readLevel(version, path.join(root, ...parts.slice(0, depth)))
    return limit === undefined ? [] : [limit]
  })
}

function readLevel(version: 1 | 2, folder: string): MemoryLimit | undefined {
  const { limit, usage, prefix } = FILES[version]
  const file = path.join(folder, limit)
  const limitBytes = readNumber(file)
  const used = readNumber(path.join(folder, usage))
  if (limitBytes === undefined || used === undefined || limitBytes >= UNLIMITED) return undefined
  const stat = readText(path.join(folder, 'memory.stat'))
  const droppable = [...stat.matchAll(/^(\w+) (\d+)$/gm)]
    .filter(([, key]) => key === `${prefix}active_file` || key === `${prefix}inactive_file`)
    .reduce((sum, [, , value]) => sum + Number(value), 0)
  return { version, limitBytes, usedBytes: Math.max(0, used - droppable), file }
}

/** undefined for `max` too. */
function readNumber(file: string): number | undefined {
  const text = readText(file).trim()
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
