import { heapHome, inProcessTransport, LocalEngine } from '@rmq/core'
import { clientSubject, conformance } from '@rmq/core/conformance'
import { describe, test } from 'vitest'
import { pair, serverSubject, threadEngine } from './support/subjects.ts'

describe('heap topics of a server in this thread', () => {
  const engine = () => new LocalEngine({ homes: [heapHome()], transports: [inProcessTransport()] })
  conformance({ test, factory: () => serverSubject(engine()), lacks: ['requests', 'subscriptions'] })
})

describe('heap topics of a server on a message thread', () => {
  conformance({ test, factory: () => serverSubject(threadEngine()), lacks: ['requests', 'subscriptions'] })
})

describe('heap topics over the in-process link', () => {
  const factory = async () => {
    const { server, client } = await pair()
    return clientSubject(server, client)
  }
  conformance({ test, factory, lacks: ['no read-ahead'] })
})
