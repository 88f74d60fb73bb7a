import { constants } from 'node:os'
import type { KernelFeatures } from 'robotmq'
import type { Facts } from './facts.ts'
import { type Finding, ok, problem, warn } from './finding.ts'

/** Without these nothing works. */
const NEEDED: Partial<Record<keyof KernelFeatures, string>> = {
  byteLocks: 'open-file-description locks (Linux 3.15)',
  reserving: 'fallocate on /dev/shm',
  futexes: 'futexes',
  fifos: 'named pipes in /dev/shm',
}

/** Told by what was found of sizes and limits. */
const NO_ROOM: ReadonlySet<number> = new Set([constants.errno.ENOSPC, constants.errno.EDQUOT, constants.errno.EFBIG])

/** What the kernel does was tried, not concluded from its version. */
export function kernelFindings({ support, kernel, folder }: Facts): Finding[] {
  // Without a place to try it in, that is the finding.
  if ('missing' in support || folder === undefined || folder.readOnly || !folder.writable) return []
  const { features } = support
  const missing = Object.entries(NEEDED).flatMap(([feature, name]) => {
    const errno = features[feature as keyof KernelFeatures]
    return errno === 0 || NO_ROOM.has(errno) ? [] : [`${name} (${errorName(errno)})`]
  })
  return [
    missing.length === 0
      ? ok('kernel', `Linux ${kernel}: byte locks, fallocate, futexes and pipes work in /dev/shm`)
      : problem(
          'kernel',
          `Linux ${kernel} lacks, or refuses, ${missing.join(', ')}`,
          'Run on Linux 3.15 or newer; whether a sandbox refuses it shows `docker run --security-opt seccomp=unconfined`.',
        ),
    populateFinding(features),
    ...fallbackFindings(features),
  ]
}

function populateFinding({ populating }: KernelFeatures): Finding {
  return ok(
    'kernel-populate',
    populating === 0
      ? 'MADV_POPULATE_WRITE works: attaching enters all pages at once'
      : 'no MADV_POPULATE_WRITE (Linux 5.14): attaching touches each page instead, which takes a little longer',
  )
}

function fallbackFindings({ unnamedFiles, reopen, fileLeases }: KernelFeatures): Finding[] {
  const findings: Finding[] = []
  if (unnamedFiles !== 0) {
    findings.push(
      ok('kernel-tmpfile', `no O_TMPFILE (${errorName(unnamedFiles)}): segments are made under temporary names`),
    )
  }
  if (reopen !== 0) {
    findings.push(
      warn('proc', `/proc/self/fd cannot be used (${errorName(reopen)})`, 'Mount it: `mount -t proc proc /proc`.'),
    )
  }
  if (fileLeases !== 0) {
    findings.push(
      warn(
        'kernel-leases',
        `no leases on files (${errorName(fileLeases)}): what Python robotmq left over cannot be told from what is in use`,
        'Enable them by `sysctl fs.leases-enable=1`, or remove /dev/shm/rmq_* by hand once no Python program runs.',
      ),
    )
  }
  return findings
}

function errorName(errno: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? `error ${errno}`
}
