#!/usr/bin/env node
import { once } from 'node:events'
import { required, runProgram } from '@rmq/app-kit'
import { RMQServer } from 'robotmq'
import { servePolicy } from './serve-policy.ts'

const usage = `usage: policy --endpoint E [--topic inference]

Answers { image, joints } with { actions }, float32 [16, joints].
--until-stdin-closes ends with the parent process.`

await runProgram({
  usage,
  options: { endpoint: { type: 'string' }, topic: { type: 'string', default: 'inference' } },
  async run(values, signal) {
    const server = await RMQServer.bind('policy', required('endpoint', values['endpoint']))
    try {
      servePolicy(server, required('topic', values['topic']))
      for (const endpoint of server.endpoints) process.stdout.write(`listening on ${endpoint}\n`)
      await Promise.race([server.closed, signal.aborted || once(signal, 'abort')])
    } finally {
      await server.close()
    }
  },
})
