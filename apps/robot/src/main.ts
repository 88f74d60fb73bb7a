#!/usr/bin/env node
import { positiveNumber, required, runProgram } from '@rmq/app-kit'
import { RMQServer } from 'robotmq'
import { runRobot } from './robot.ts'

const usage = `usage: robot --endpoint E [--topic joint_states] [--rate 500] [--report]

Puts { position, velocity, t, sequence } of seven simulated joints on the topic.
--report prints the counts as lines of JSON. --until-stdin-closes ends with the parent process, and takes orders from
it: the line 'rest' to put no more.`

const RETENTION = { messageRemainingTimeS: 10 }

await runProgram({
  usage,
  options: {
    endpoint: { type: 'string' },
    topic: { type: 'string', default: 'joint_states' },
    rate: { type: 'string', default: '500' },
    report: { type: 'boolean', default: false },
  },
  async run(values, signal, orders) {
    const rateHz = positiveNumber('rate', values['rate'])
    const topic = required('topic', values['topic'])
    const server = await RMQServer.bind('robot', required('endpoint', values['endpoint']))
    try {
      server.addTopic(topic, RETENTION)
      for (const endpoint of server.endpoints) process.stdout.write(`listening on ${endpoint}\n`)
      const report = values['report'] ? 'sometimes' : 'never'
      await runRobot(server, { topic, rateHz, report }, signal, orders)
    } finally {
      await server.close()
    }
  },
})
