#!/usr/bin/env node
import { once } from 'node:events'
import { required, runProgram, writeReport } from '@rmq/app-kit'
import { RMQServer } from 'robotmq'
import { servePolicy } from './serve-policy.ts'

const usage = `usage: policy --endpoint E [--topic inference] [--report]

Answers { image, joints, request? } with { actions }, float32 [16, joints].
--report prints the request of each observation that it answers, as lines of JSON.
--until-stdin-closes ends with the parent process.`

await runProgram({
  usage,
  options: {
    endpoint: { type: 'string' },
    topic: { type: 'string', default: 'inference' },
    report: { type: 'boolean', default: false },
  },
  async run(values, signal) {
    const server = await RMQServer.bind('policy', required('endpoint', values['endpoint']))
    try {
      const onRun = (request: number) => writeReport({ request, was: 'ran' })
      servePolicy(server, required('topic', values['topic']), values['report'] ? onRun : undefined)
      for (const endpoint of server.endpoints) process.stdout.write(`listening on ${endpoint}\n`)
      await Promise.race([server.closed, signal.aborted || once(signal, 'abort')])
    } finally {
      await server.close()
    }
  },
})
