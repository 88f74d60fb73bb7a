import { createHash } from 'node:crypto'
import { RMQClient, RMQLogLevel, RMQServer, RmqError } from 'robotmq'
import { expect, onTestFinished, test } from 'vitest'
import { freshEndpoint } from './support/endpoints.ts'
import { describePython, PythonPeer } from './support/python-peer.ts'
import { type Place, RecordsReader } from './support/records-reader.ts'

const TOPIC = 'camera'
const MIB = 2 ** 20

type Records = [Uint8Array[], number[]]

const sha = (data: Uint8Array) => createHash('sha256').update(data).digest()
const hexes = (data: readonly Uint8Array[]) => data.map((bytes) => sha(bytes).toString('hex'))

/** Numbers from 0 to 1 that are the same in each run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A record that checks itself: the SHA-256 of the rest comes first. */
function makeRecord(byteLength: number, fill: number): Uint8Array {
  const record = Buffer.alloc(byteLength, fill)
  record.writeUInt32LE(fill >>> 0, 32)
  sha(record.subarray(32)).copy(record)
  return record
}

async function setUp(options: { scheme?: 'ipc' | 'tcp'; byReference?: boolean; capacityBytes?: number } = {}) {
  const { scheme = 'ipc', byReference = true, capacityBytes = MIB } = options
  const server = await RMQServer.bind('server', await freshEndpoint(scheme), { logLevel: RMQLogLevel.OFF })
  onTestFinished(() => server.close())
  server.addSharedMemoryTopic(TOPIC, { messageRemainingTimeS: 60, capacityBytes, byReference })
  return { server, endpoint: server.endpoints[0]! }
}

describePython('0.1.16', "a Python client and our server's shared memory topics", (python) => {
  const startClient = async (endpoint: string) => {
    const client = await PythonPeer.start(python, 'client', endpoint)
    onTestFinished(() => client.close())
    return {
      peek: async (n: number) => (await client.call<Records>('peek_data', TOPIC, n))[0],
      pop: async (n: number) => (await client.call<Records>('pop_data', TOPIC, n))[0],
      call: client.call.bind(client),
    }
  }
  const startPlaces = async (endpoint: string) => {
    const reader = new RecordsReader(python, 'places', endpoint, TOPIC)
    await reader.next()
    return reader
  }

  test('records by reference, wherever in the segment they lie', { timeout: 120_000 }, async () => {
    const { server, endpoint } = await setUp()
    const client = await startClient(endpoint)
    const wire = await startPlaces(endpoint)
    const random = seeded(7)
    const seen: Extract<Place, { start: number }>[] = []
    for (let round = 0; round < 300; round++) {
      // From one byte to a tenth of the segment; every third ends at the end of a page.
      const byteLength = 1 + Math.floor(random() ** 3 * 100_000)
      const record = Buffer.alloc(byteLength, round)
      server.putData(TOPIC, record)
      expect(hexes(await client.peek(-1))).toEqual(hexes([record]))
      const [place] = await wire.places('peek -1')
      if (place === undefined || 'inline' in place) throw new Error(`Record ${round} went inline.`)
      expect(place.length).toBe(byteLength)
      expect(place.start + place.length).toBeLessThanOrEqual(place.total)
      seen.push(place)
    }
    const wraps = seen.filter(({ start }, index) => index > 0 && start < seen[index - 1]!.start)
    expect(wraps.length).toBeGreaterThan(5)
    // To the last lines of the segment.
    expect(Math.max(...seen.map(({ start, length, total }) => (start + length) / total))).toBeGreaterThan(0.95)
    expect(new Set(seen.map(({ name }) => name)).size).toBe(1)
  })

  test('several at once, peeked and popped, also behind each other', { timeout: 60_000 }, async () => {
    const { server, endpoint } = await setUp()
    const client = await startClient(endpoint)
    const random = seeded(11)
    let kept: Uint8Array[] = []
    for (let round = 0; round < 100; round++) {
      for (let more = 0; more < 3; more++) {
        const record = makeRecord(100 + Math.floor(random() * 40_000), round * 3 + more)
        server.putData(TOPIC, record)
        kept.push(record)
      }
      expect(hexes(await client.peek(0))).toEqual(hexes(kept))
      const n = [1, -1, 2, -2, 0][round % 5]!
      const taken = n === 0 ? kept : n > 0 ? kept.slice(0, n) : kept.slice(n)
      kept = n === 0 ? [] : n > 0 ? kept.slice(n) : kept.slice(0, n)
      expect(hexes(await client.pop(n))).toEqual(hexes(taken))
      expect(await client.call('get_topic_status', TOPIC, 5)).toBe(kept.length)
      if (kept.length > 8) {
        await client.pop(0)
        kept = []
      }
    }
  })

  test('bytes as far as leases do not reach', async () => {
    const { server, endpoint } = await setUp()
    const client = await startClient(endpoint)
    const wire = await startPlaces(endpoint)
    const records = Array.from({ length: 40 }, (_, index) => makeRecord(5000 + index, index))
    for (const record of records) server.putData(TOPIC, record)
    const places = await wire.places('peek 0')
    expect(places).toHaveLength(40)
    expect(places.filter((place) => !('inline' in place))).toHaveLength(16)
    expect(hexes(await client.peek(0))).toEqual(hexes(records))
    expect(hexes(await client.pop(0))).toEqual(hexes(records))
  })

  /** Takes all leases of the server, and resolves when they have come back. */
  const untilLeasesAreBack = async (endpoint: string, take: () => Promise<unknown>) => {
    const other = await startPlaces(endpoint)
    await take()
    const goesInline = async () => 'inline' in (await other.places('peek -1'))[0]!
    expect(await goesInline()).toBe(true)
    while (await goesInline()) await new Promise((resolve) => setTimeout(resolve, 10))
  }

  test('leases come back from a client that is silent', async () => {
    const { server, endpoint } = await setUp()
    const wire = await startPlaces(endpoint)
    for (let index = 0; index < 20; index++) server.putData(TOPIC, makeRecord(100, index))
    let startMs = 0
    await untilLeasesAreBack(endpoint, () => {
      startMs = performance.now()
      return wire.places('peek 0')
    })
    const heldMs = performance.now() - startMs
    expect(heldMs).toBeGreaterThan(990)
    expect(heldMs).toBeLessThan(10_000)
  })

  test('a pop that is resent, soon and late', async () => {
    const { server, endpoint } = await setUp()
    const wire = await startPlaces(endpoint)
    const records = Array.from({ length: 20 }, (_, index) => makeRecord(2000 + index, index))
    for (const record of records) server.putData(TOPIC, record)
    const popped = records.slice(0, 16)
    const told = await wire.places('pop 16')
    expect(told).toMatchObject(popped.map(({ byteLength }) => ({ length: byteLength })))
    await untilLeasesAreBack(endpoint, async () => expect(await wire.places('again')).toEqual(told))
    // Other records now lie where those were.
    for (let index = 0; index < 100; index++) server.putData(TOPIC, makeRecord(50_000, index))
    const bytes = hexes(popped).map((sha, index) => ({ inline: popped[index]!.byteLength, sha }))
    expect(await wire.places('again')).toEqual(bytes)
  })

  test('a new start of time while records are told by reference', async () => {
    const { server, endpoint } = await setUp()
    const client = await startClient(endpoint)
    const wire = await startPlaces(endpoint)
    server.putData(TOPIC, makeRecord(5000, 1))
    await wire.places('peek -1')
    await client.peek(-1)
    server.resetStartTime(0)
    const record = makeRecord(5000, 2)
    server.putData(TOPIC, record)
    expect(hexes(await client.peek(0))).toEqual(hexes([record]))
    expect(await wire.places('peek 0')).toMatchObject([{ length: 5000 }])
  })

  test.each([
    ['over tcp', { scheme: 'tcp' }],
    ['where the topic says so', { byReference: false }],
  ] as const)('bytes %s', async (_name, options) => {
    const { server, endpoint } = await setUp(options)
    const client = await startClient(endpoint)
    const wire = await startPlaces(endpoint)
    const records = [makeRecord(300_000, 1), makeRecord(64, 2)]
    for (const record of records) server.putData(TOPIC, record)
    expect(await wire.places('peek 0')).toMatchObject([{ inline: 300_000 }, { inline: 64 }])
    expect(hexes(await client.peek(0))).toEqual(hexes(records))
    expect(hexes(await client.pop(0))).toEqual(hexes(records))
  })

  test('a payload that looks like a reference', async () => {
    const { server, endpoint } = await setUp()
    const client = await startClient(endpoint)
    const record = Buffer.from('0d0a0d0bffffffffffffffff', 'hex')
    server.putData(TOPIC, record)
    expect(hexes(await client.peek(-1))).toEqual(hexes([record]))
    expect(hexes(await client.pop(-1))).toEqual(hexes([record]))
  })

  test('its puts and requests', async () => {
    const { server, endpoint } = await setUp()
    const client = await startClient(endpoint)
    const ours = await RMQClient.connect('ours', endpoint, { logLevel: RMQLogLevel.OFF })
    onTestFinished(() => ours.close())
    const record = makeRecord(200_000, 3)
    await client.call('put_data', TOPIC, record)
    expect(hexes((await server.peekData(TOPIC, -1)).map(({ data }) => data))).toEqual(hexes([record]))
    expect(hexes((await ours.peekData(TOPIC, -1)).map(({ data }) => data))).toEqual(hexes([record]))
    expect(hexes(await client.peek(-1))).toEqual(hexes([record]))
    server.onRequest(TOPIC, async (request) => Uint8Array.from(request).reverse())
    for (const text of ['one', 'two']) {
      const answer = await client.call<Uint8Array>('request_with_data', TOPIC, Buffer.from(text))
      expect(Buffer.from(answer).toString()).toBe([...text].reverse().join(''))
    }
    expect(await client.call('get_topic_status', TOPIC, 5)).toBe(1)
  })
})

describePython('0.1.16', 'Python clients that are killed while they read', (python) => {
  const KILL_EVERY_MS = 250
  const LASTS_MS = 10_000
  const CLIENTS = 4
  /** No read takes this long, even on a machine with no time to spare. */
  const HUNG_MS = 10_000

  test('the others go on, with the right bytes', { timeout: 90_000 }, async () => {
    const { server, endpoint } = await setUp({ capacityBytes: 4 * MIB })
    const random = seeded(3)
    let puts = 0
    const putter = setInterval(() => {
      try {
        server.putData(TOPIC, makeRecord(40 + Math.floor(random() ** 2 * 200_000), ++puts))
      } catch (error) {
        // Too much of the segment is leased at the moment.
        if (!RmqError.isInstance(error) || error.code !== 'NO_SPACE') throw error
      }
    }, 2)
    onTestFinished(() => clearInterval(putter))

    const wrong: number[] = []
    let reads = 0
    const start = () => {
      const reader = new RecordsReader(python, 'loop', endpoint, TOPIC)
      reader.onTold(({ done, wrong: bytes }) => {
        if (done !== undefined) reads += 20
        if (bytes !== undefined) wrong.push(bytes)
      })
      return reader
    }
    const readers = Array.from({ length: CLIENTS }, start)
    const endMs = performance.now() + LASTS_MS
    let kills = 0
    while (performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, KILL_EVERY_MS))
      const victim = Math.floor(random() * CLIENTS)
      const reader = readers[victim]!
      expect(reader.process.exitCode, reader.errorText).toBe(null)
      await reader.kill()
      kills += 1
      readers[victim] = start()
    }
    // All that are left still read.
    for (const reader of readers) {
      const told = await Promise.race([reader.next(), new Promise((resolve) => setTimeout(resolve, HUNG_MS))])
      expect(told, `hung: ${reader.errorText}`).toBeDefined()
    }
    expect(wrong).toEqual([])
    expect(reads).toBeGreaterThan(20)
    expect(kills).toBeGreaterThan(10)
  })
})
