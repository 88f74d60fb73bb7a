import { heapHome, inProcessTransport, LocalEngine } from '@rmq/core'
import { conformance } from '@rmq/core/conformance'
import { describe, test } from 'vitest'
import { clientSubject, serverSubject, threadEngine } from './support/subjects.ts'

describe('heap topics of a server in this thread', () => {
  const engine = () => new LocalEngine({ homes: [heapHome()], transports: [inProcessTransport()] })
  conformance({ test, factory: () => serverSubject(engine()), lacks: ['requests'] })
})

describe('heap topics of a server on a message thread', () => {
  conformance({ test, factory: () => serverSubject(threadEngine()), lacks: ['requests'] })
})

describe('heap topics over the in-process link', () => {
  conformance({ test, factory: clientSubject })
})
