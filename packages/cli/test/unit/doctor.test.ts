import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { SharedMemoryFile } from 'robotmq'
import { afterAll, describe, expect, test } from 'vitest'
import { diagnose } from '../../src/doctor/diagnose.ts'
import type { Facts, FolderFacts } from '../../src/doctor/facts.ts'
import { mountOf, parseLimits } from '../../src/doctor/gather-facts.ts'
import { readMemoryLimit } from '../../src/doctor/memory-limit.ts'
import { removeFolders, temporaryFolder } from '../support/serve.ts'

afterAll(removeFolders)

const MIB = 2 ** 20
const GIB = 2 ** 30
const NONE = Number.POSITIVE_INFINITY

const FOLDER: FolderFacts = {
  type: 'tmpfs',
  totalBytes: 8 * GIB,
  freeBytes: 7 * GIB,
  mode: 0o1777,
  readOnly: false,
  noexec: true,
  writable: true,
}
const WORKING = {
  unnamedFiles: 0,
  reopen: 0,
  byteLocks: 0,
  reserving: 0,
  populating: 0,
  futexes: 0,
  fileLeases: 0,
  fifos: 0,
}
const SUPPORT = {
  addon: { path: '/app/node_modules/@rmq/shm/prebuilds/linux-x64/shm.node', kind: 'prebuild' },
  abi: 1,
  zeroCopy: true,
  features: WORKING,
} as const
/** A host on which all is well. */
const HEALTHY: Facts = {
  node: { version: '22.3.0', platform: 'linux', arch: 'x64' },
  kernel: '6.1.0',
  user: 1000,
  groups: [1000, 44],
  umask: 0o022,
  support: SUPPORT,
  folder: FOLDER,
  files: [],
  memory: undefined,
  limits: { openFiles: 1024, fileBytes: NONE, addressBytes: NONE, lockedBytes: 8 * MIB },
  pidNamespace: { isHosts: true },
}

function topic(fields: Partial<SharedMemoryFile> = {}): SharedMemoryFile {
  return {
    kind: 'topic',
    path: `/dev/shm/rmq.${'0'.repeat(32)}`,
    name: 'camera',
    user: 1000,
    group: undefined,
    creatorPid: 7,
    bytes: 64 * MIB,
    allocatedBytes: 64 * MIB,
    ageS: 1,
    held: true,
    stale: false,
    segment: { abi: 1, attachments: 1, leases: 0, records: 1, processes: [{ pid: 7, here: true }] },
    note: undefined,
    ...fields,
  }
}

const STALE = { held: false, stale: true } as const
const PYTHON = { kind: 'robotmq topic', path: '/dev/shm/rmq_robot_7_server_camera', segment: undefined } as const
const refusing = (features: Partial<typeof WORKING>): Partial<Facts> => ({
  support: { ...SUPPORT, features: { ...WORKING, ...features } },
})

test('a healthy host has nothing but ok, and no remedies', () => {
  const findings = diagnose({ ...HEALTHY, files: [topic(), topic({ ...PYTHON })] })
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([])
  expect(findings.filter(({ remedy }) => remedy !== undefined)).toEqual([])
  expect(findings.length).toBeGreaterThan(15)
})

describe('each thing that is wrong is one finding with its remedy', () => {
  test.each<[string, Partial<Facts>, 'warn' | 'problem', string, RegExp, RegExp]>([
    [
      'an old Node.js',
      { node: { ...HEALTHY.node, version: '20.19.9' } },
      'problem',
      'node',
      /20\.19\.9/,
      /nvm install/,
    ],
    ['no addon', { support: { missing: 'it is gone' } }, 'problem', 'addon', /it is gone/, /npm rebuild/],
    ['no /dev/shm', { folder: undefined }, 'problem', 'shm', /no \/dev\/shm/, /mount -t tmpfs/],
    ['a read-only one', { folder: { ...FOLDER, readOnly: true } }, 'problem', 'shm', /read-only/, /remount,rw/],
    ['a disk', { folder: { ...FOLDER, type: 'overlay' } }, 'warn', 'shm', /overlay/, /mount -t tmpfs/],
    [
      'no right to write',
      { folder: { ...FOLDER, mode: 0o755, writable: false } },
      'problem',
      'shm-permissions',
      /0755/,
      /chmod 1777/,
    ],
    ['no sticky bit', { folder: { ...FOLDER, mode: 0o777 } }, 'warn', 'shm-permissions', /0777/, /chmod 1777/],
    [
      'a container of Docker',
      { folder: { ...FOLDER, totalBytes: 64 * MIB, freeBytes: 60 * MIB } },
      'warn',
      'shm-size',
      /Docker/,
      /--shm-size/,
    ],
    [
      'hardly any room',
      { folder: { ...FOLDER, freeBytes: 9 * MIB } },
      'warn',
      'shm-size',
      /9\.4 MB free/,
      /rmq shm clean/,
    ],
    ['no room', { folder: { ...FOLDER, freeBytes: 4096 } }, 'problem', 'shm-size', /no topic fits/, /remount,size/],
    [
      'promises that cannot be kept',
      { files: [topic({ ...PYTHON, bytes: 9 * GIB, allocatedBytes: GIB })] },
      'problem',
      'shm-promised',
      /8\.6 GB.*7\.5 GB.*SIGBUS/,
      /shared_memory_size_gb/,
    ],
    [
      'a tight cgroup',
      { memory: { version: 2, limitBytes: 2 * GIB, usedBytes: GIB, file: '/sys/fs/cgroup/memory.max' } },
      'warn',
      'memory-limit',
      /v2.*2\.1 GB.*1\.1 GB are left/,
      /--memory/,
    ],
    [
      'a full cgroup',
      { memory: { version: 1, limitBytes: GIB, usedBytes: GIB, file: 'f' } },
      'problem',
      'memory-limit',
      /v1.*hardly/,
      /--memory/,
    ],
    ['leftovers', { files: [topic(STALE)] }, 'warn', 'stale-segments', /1 file .*67\.1 MB/, /rmq shm clean/],
    [
      'leftovers of Python',
      { files: [topic({ ...PYTHON, ...STALE })] },
      'warn',
      'stale-python',
      /Python/,
      /rmq shm clean/,
    ],
    [
      'leftovers of others',
      { files: [topic({ ...PYTHON, ...STALE, user: 0 }), topic({ ...PYTHON, ...STALE })] },
      'warn',
      'stale-python',
      /2 files/,
      /users 0, 1000/,
    ],
    [
      'another version',
      { files: [topic({ note: 'layout 2, and this @rmq/shm knows layout 1' })] },
      'warn',
      'versions',
      /layout 2/,
      /same version/,
    ],
    ['damage', { files: [topic({ note: 'damaged: header checksum' })] }, 'warn', 'damaged', /checksum/, /Restart/],
    [
      'topics of another user',
      { files: [topic({ user: 0 })] },
      'warn',
      'users',
      /1 topic or queue of user 0 cannot be attached by user 1000:/,
      /group/,
    ],
    ['topics of another group', { files: [topic({ user: 0, group: 5 })] }, 'warn', 'users', /user 0/, /group/],
    ['a strict umask', { umask: 0o077 }, 'warn', 'umask', /0077/, /umask 022/],
    [
      'Python in a container',
      { pidNamespace: { isHosts: false }, files: [topic({ ...PYTHON })] },
      'warn',
      'pid-namespace',
      /containers/,
      /--pid=host/,
    ],
    ['few open files', { limits: { ...HEALTHY.limits, openFiles: 64 } }, 'warn', 'ulimit-nofile', /64/, /ulimit -n/],
    ['small files', { limits: { ...HEALTHY.limits, fileBytes: MIB } }, 'warn', 'ulimit-fsize', /1\.0 MB/, /ulimit -f/],
    [
      'little address space',
      { limits: { ...HEALTHY.limits, addressBytes: GIB } },
      'warn',
      'ulimit-as',
      /1\.1 GB/,
      /ulimit -v/,
    ],
    ['no byte locks', refusing({ byteLocks: 22 }), 'problem', 'kernel', /locks.*EINVAL/, /Linux 3\.15/],
    ['a refused futex', refusing({ futexes: 1 }), 'problem', 'kernel', /futexes \(EPERM\)/, /seccomp/],
    ['no /proc', refusing({ reopen: 2 }), 'warn', 'proc', /ENOENT/, /mount -t proc/],
    ['no leases', refusing({ fileLeases: 22 }), 'warn', 'kernel-leases', /Python/, /leases-enable/],
    [
      'an endpoint that nobody answers at',
      { endpoint: { endpoint: 'ipc:///e', failure: 'no answer' } },
      'problem',
      'endpoint',
      /no answer/,
      /rmq serve --endpoint ipc:\/\/\/e/,
    ],
    [
      'a topic that is not attached',
      {
        endpoint: {
          endpoint: 'e',
          topics: [{ topic: 't', kind: 'shared memory', access: 'link', reason: 'Share it.' }],
        },
      },
      'warn',
      'attached',
      /"t"/,
      /Share it/,
    ],
  ])('%s', (_what, facts, level, check, message, remedy) => {
    const wrong = diagnose({ ...HEALTHY, ...facts }).filter((finding) => finding.level !== 'ok')
    expect(wrong).toEqual([
      { level, check, message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) },
    ])
  })
})

test.each<[string, Partial<Facts>]>([
  ['a tmpfs without a size', { folder: { ...FOLDER, totalBytes: 0, freeBytes: 0 } }],
  ['an old kernel', refusing({ populating: 22, unnamedFiles: 95 })],
  ['a wide cgroup', { memory: { version: 2, limitBytes: 64 * GIB, usedBytes: 0, file: 'f' } }],
  ['a topic of a group that this user is in', { files: [topic({ user: 0, group: 44 })] }],
  [
    'a segment held from another container',
    { files: [topic({ segment: { abi: 1, attachments: 1, leases: 0, processes: [{ pid: 1, here: false }] } })] },
  ],
  ['a queue with items that waits for its consumers', { files: [topic({ ...STALE, kind: 'queue' })] }],
  ['an original server', { endpoint: { endpoint: 'e', original: true } }],
  ['a heap topic', { endpoint: { endpoint: 'e', topics: [{ topic: 't', kind: 'heap', access: 'link' }] } }],
])('%s is no reason to worry', (_what, facts) => {
  expect(diagnose({ ...HEALTHY, ...facts }).filter(({ level }) => level !== 'ok')).toEqual([])
})

describe('the memory limit', () => {
  /** @returns `/proc/self/cgroup` and the root that were made of these files */
  function system(cgroup: string, files: Readonly<Record<string, string>>): [string, string] {
    const root = temporaryFolder()
    for (const [name, text] of Object.entries({ ...files, 'proc-cgroup': cgroup })) {
      mkdirSync(path.dirname(`${root}/${name}`), { recursive: true })
      writeFileSync(`${root}/${name}`, text)
    }
    return [`${root}/proc-cgroup`, root]
  }

  test('v2: the tightest level counts, and what the kernel can drop does not', () => {
    const [proc, root] = system('0::/app/worker\n', {
      'app/memory.max': '1000000\n',
      'app/memory.current': '700000\n',
      'app/memory.stat': 'anon 1\nactive_file 50000\ninactive_file 150000\n',
      'app/worker/memory.max': 'max\n',
      'app/worker/memory.current': '700000\n',
    })
    expect(readMemoryLimit(proc, root)).toEqual({
      version: 2,
      limitBytes: 1_000_000,
      usedBytes: 500_000,
      file: `${root}/app/memory.max`,
    })
  })

  test('v2 in a container, whose own group is the root', () => {
    const [proc, root] = system('0::/\n', { 'memory.max': '4096\n', 'memory.current': '1\n' })
    expect(readMemoryLimit(proc, root)).toMatchObject({ limitBytes: 4096, usedBytes: 1 })
  })

  test('v1, also where the path lies outside of the container', () => {
    const [proc, root] = system('5:cpu:/x\n4:hugetlb,memory:/docker/abc\n', {
      'memory/memory.limit_in_bytes': '2097152\n',
      'memory/memory.usage_in_bytes': '1048576\n',
      'memory/memory.stat': 'inactive_file 9\ntotal_inactive_file 48576\n',
    })
    expect(readMemoryLimit(proc, root)).toMatchObject({ version: 1, limitBytes: 2_097_152, usedBytes: 1_000_000 })
  })

  test('none where there is none, in either manner of saying so', () => {
    const v1 = { 'memory/memory.limit_in_bytes': '9223372036854771712\n', 'memory/memory.usage_in_bytes': '1\n' }
    expect(readMemoryLimit(...system('4:memory:/\n', v1))).toBeUndefined()
    expect(readMemoryLimit(...system('0::/\n', { 'memory.max': 'max\n', 'memory.current': '1\n' }))).toBeUndefined()
    expect(readMemoryLimit('/nope', '/nope')).toBeUndefined()
  })
})

test('limits are read as the kernel writes them', () => {
  const text =
    'Limit                     Soft Limit           Hard Limit           Units     \n' +
    'Max file size             1048576              unlimited            bytes     \n' +
    'Max open files            1024                 4096                 files     \n' +
    'Max address space         unlimited            unlimited            bytes     \n'
  expect(parseLimits(text)).toEqual({ openFiles: 1024, fileBytes: MIB, addressBytes: NONE, lockedBytes: undefined })
})

test('of several mounts the last counts, and without one what /dev or / is', () => {
  const root = '1 0 0:1 / / rw - overlay overlay rw'
  const first = '20 1 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=1k'
  const last = '30 20 0:27 / /dev/shm ro,noexec shared:2 - tmpfs shm rw,size=65536k'
  expect(mountOf([root, first, last].join('\n'))).toEqual({
    type: 'tmpfs',
    options: ['ro', 'noexec', 'rw', 'size=65536k'],
  })
  expect(mountOf(root).type).toBe('overlay')
  expect(mountOf('').type).toBeUndefined()
})
