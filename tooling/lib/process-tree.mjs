import { readdirSync, readFileSync } from 'node:fs'

/** Kills a process and all that it started. Reads /proc, since a bare Debian has no `ps`; elsewhere kills `pid` alone. */
export function killTree(pid) {
  for (const victim of [...descendants(pid), pid]) {
    try {
      process.kill(victim, 'SIGKILL')
    } catch {
      // Gone by itself meanwhile.
    }
  }
}

function descendants(pid) {
  const children = new Map()
  for (const entry of process.platform === 'linux' ? readdirSync('/proc') : []) {
    if (!/^\d+$/.test(entry)) continue
    try {
      // "pid (name, which may hold spaces and parentheses) state parent ..."
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
    } catch {
      // Ended between the listing and the read.
    }
  }
  const found = []
  for (const queue = [pid]; queue.length > 0; ) {
    const next = children.get(queue.shift()) ?? []
    found.push(...next)
    queue.push(...next)
  }
  return found
}
