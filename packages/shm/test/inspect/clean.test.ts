import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { CleanReport, SharedMemoryFile } from '../../src/index.ts'
import { describeWithOwnFolder, ownFolder } from '../support/own-folder.ts'
import { type Peer, startPeer } from '../support/peer.ts'

const TOPIC = { messageRemainingTimeS: 60, capacityBytes: 2 ** 16 }

describeWithOwnFolder('cleaning', () => {
  let enter: readonly string[]
  let cleaner: Peer

  beforeEach(async () => {
    enter = await ownFolder()
    cleaner = startPeer({ launcher: enter })
  })

  const list = () => cleaner.call<SharedMemoryFile[]>('list')
  const clean = (options = {}) => cleaner.call<CleanReport>('clean', options)
  const run = (script: string) => execFileSync(enter[0]!, [...enter.slice(1), 'sh', '-c', script], { encoding: 'utf8' })
  const folder = () => run('ls -A /dev/shm').split('\n').filter(Boolean)
  const namesOf = (files: readonly SharedMemoryFile[]) => files.map(({ name }) => name)

  async function startServer(name: string, launcher = enter): Promise<Peer> {
    const server = startPeer({ launcher })
    await server.call('create', { name, server: name, options: TOPIC })
    await server.call('put', { byteLength: 10, count: 3 })
    return server
  }

  test('a killed server’s memory goes; a living, a stopped one’s and that of another pid namespace stay', async () => {
    const living = await startServer('living')
    const stopped = await startServer('stopped')
    await startServer('elsewhere', [...enter, 'unshare', '--pid', '--fork', '--kill-child', '--'])
    const killed = await startServer('killed')
    stopped.signal('SIGSTOP')
    await killed.kill()

    const before = await list()
    const told = before
      .filter(({ kind }) => kind === 'topic')
      .map(({ name, held, segment }) => [name, held, segment?.records])
    expect(told.toSorted()).toEqual([
      ['elsewhere', true, 3],
      ['killed', false, 3],
      ['living', true, 3],
      ['stopped', true, 3],
    ])
    expect(before.find(({ name }) => name === 'elsewhere')).toMatchObject({
      note: 'held from another pid namespace',
      segment: { attachments: 1, processes: [{ here: false }] },
    })
    const files = folder()
    const planned = await clean({ dryRun: true })
    expect(namesOf(planned.removed)).toEqual(['killed'])
    expect(folder()).toEqual(files)

    const { removed, left, freedBytes } = await clean()
    expect(namesOf(removed)).toEqual(['killed'])
    expect(freedBytes).toBe(planned.freedBytes)
    expect(freedBytes).toBeGreaterThanOrEqual(TOPIC.capacityBytes)
    expect(
      left
        .filter(({ file }) => file.kind === 'topic')
        .map(({ file, reason }) => [file.name, reason])
        .toSorted(),
    ).toEqual([
      ['elsewhere', 'in use'],
      ['living', 'in use'],
      ['stopped', 'in use'],
    ])
    expect(files.filter((name) => !folder().includes(name)).toSorted()).toEqual(
      [removed[0]!.path, `${removed[0]!.path}_mutex`].map((path) => path.slice('/dev/shm/'.length)),
    )
    stopped.signal('SIGCONT')
    for (const server of [living, stopped]) await server.call('put', { byteLength: 10 })
  })

  test('two who clean at once share the work, and both end well', async () => {
    const other = startPeer({ launcher: enter })
    const servers = await Promise.all(Array.from({ length: 4 }, (_, index) => startServer(`topic ${index}`)))
    for (const server of servers) await server.kill()
    const python = Array.from({ length: 4 }, (_, index) => `rmq_root_1_server_${index}`)
    run(python.map((name) => `echo > /dev/shm/${name}; echo > /dev/shm/${name}_mutex`).join('; '))
    await list()
    const reports = await Promise.all([clean(), other.call<CleanReport>('clean')])
    const removed = reports.flatMap((report) => report.removed.map(({ path }) => path))
    expect(new Set(removed).size).toBe(removed.length)
    expect(reports.flatMap(({ left }) => left).filter(({ reason }) => reason === 'failed')).toEqual([])
    // What one had in its hands the other may have left.
    await clean()
    expect(folder()).toEqual([])
  })

  test('what is being made is never taken away', async () => {
    cleaner.call('cleanOften').catch(() => {})
    const makers = ['one', 'two'].map((name) =>
      startPeer({ launcher: enter }).call('createOften', { name, options: TOPIC, count: 30 }),
    )
    await Promise.all(makers)
    await cleaner.kill()
    expect(folder()).toEqual([])
  })

  test('a queue that holds items stays unless it is asked for; an empty one goes', async () => {
    for (const [name, items] of [
      ['full', 2],
      ['empty', 0],
    ] as const) {
      const owner = startPeer({ launcher: enter })
      await owner.call('queue', { name, items })
      expect((await list()).find((file) => file.name === name)).toMatchObject({
        held: true,
        segment: { records: items },
      })
      await owner.kill()
    }
    const first = await clean()
    expect(namesOf(first.removed)).toEqual(['empty'])
    expect(first.left).toMatchObject([{ file: { name: 'full' }, reason: 'holds items' }])
    const later = startPeer({ launcher: enter })
    expect(await later.call('queue', { name: 'full', items: 0 })).toBe(2)
    expect((await clean({ queues: true })).left).toMatchObject([{ reason: 'in use' }])
    await later.kill()
    expect(namesOf((await clean({ queues: true })).removed)).toEqual(['full'])
    expect(folder()).toEqual([])
  })

  test('memory of another version goes once nobody has it open', async () => {
    const server = await startServer('newer')
    const [{ path }] = (await list()).filter(({ kind }) => kind === 'topic') as [SharedMemoryFile]
    run(`printf '\\007' | dd of=${path} bs=1 seek=8 conv=notrunc status=none`)
    expect(await list()).toContainEqual(
      expect.objectContaining({ path, held: true, note: expect.stringContaining('layout 7') }),
    )
    expect((await clean()).removed).toEqual([])
    await server.kill()
    expect((await clean()).removed).toMatchObject([{ path, segment: { abi: 7 } }])
    expect(folder()).toEqual([])
  })

  test('files of others, and such as are none of ours, stay and are told', async () => {
    const hex = 'e'.repeat(32)
    run(`cd /dev/shm; echo nonsense > rmq.${hex}; chmod 600 rmq.${hex}; ln -s /etc/passwd rmqq.${hex}; echo > unrelated
      mkfifo -m 600 rmqbell-${hex}; mkfifo -m 600 rmqbell-${'f'.repeat(32)}; touch -d '1 minute ago' rmqbell-${hex}
      echo > rmq_root_1_server_topic; echo > .rmqnew-${'e'.repeat(16)}`)
    const reader = spawn(enter[0]!, [
      ...enter.slice(1),
      'sh',
      '-c',
      'exec < /dev/shm/rmq_root_1_server_topic; echo open; exec sleep 60',
    ])
    onTestFinished(() => void reader.kill())
    await once(reader.stdout, 'data')
    const { removed, left } = await clean()
    expect(removed.map(({ kind }) => kind).toSorted()).toEqual(['bell', 'temporary'])
    expect(left.map(({ file, reason }) => [file.kind, reason]).toSorted()).toEqual([
      ['bell', 'unproven'],
      ['queue', 'unproven'],
      ['robotmq topic', 'in use'],
      ['topic', 'foreign'],
    ])
    expect(folder()).toContain('unrelated')
  })

  const isRoot = process.geteuid?.() === 0
  const others = 'another user’s files stay, also where root asks'
  test.skipIf(!isRoot)(isRoot ? others : `${others} (skipped: run the tests as root)`, async () => {
    run(`cd /dev/shm; echo > rmq_nobody_1_server_topic; chown 65534 rmq_nobody_1_server_topic`)
    const { removed, left } = await clean()
    expect(removed).toEqual([])
    expect(left).toMatchObject([{ reason: 'foreign', why: expect.stringContaining('user 65534') }])
  })
})
