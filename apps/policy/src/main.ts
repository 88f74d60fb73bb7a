#!/usr/bin/env node
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { positiveInteger, positiveNumber, runProgram, writeReport } from '@rmq/app-kit'
import { PolicyGateway } from '@rmq/policy'
import { gatewayOptions } from './gateway-options.ts'
import { loadPolicy } from './load-policy.ts'

const usage = `usage: policy [--policy drift | go2 | FILE.onnx] [--endpoint E] [--openpi PORT] [--groot E]

Serves one policy to the clients of several dialects at once; it says 'listening on …' for each.
  --policy drift    the demo's: { image, joints } to { actions }, float32 [16, joints] (default)
  --policy go2      walks a Unitree Go2: { state } of 45 numbers to { actions }, float32 [1, 12]
  --policy FILE     a network of your own, from float32 [batch, numbers]
  --endpoint E      requests of robotmq, ipc:///path or tcp://host:port, on --topic (default: inference)
  --openpi PORT     openpi's WebSocket and GET /healthz, on --host (default: 127.0.0.1)
  --groot E         GR00T's ZeroMQ, tcp://host:port
  --batch N         states of several clients that a network computes together (default: 1)
  --deadline S      seconds from an observation to its answer (default: 60)
  --waiting N       observations that may wait (default: 64)
  --latest-wins     a newer observation of a client replaces one that still waits
  --drain S         seconds that those under way have at the end (default: 5)
  --report          prints the request of each observation that drift answers, as lines of JSON
  --until-stdin-closes  ends with the parent process

Ctrl-C and SIGTERM let it answer what it has, and end it; it then says what became of all observations.`

// Each picture weighs much outside V8's heap, which makes V8 mark its old objects every 20 pictures, for 20 ms. Without
// the marking ahead, pictures go with the young objects. A heap of this size is collected at once in a few milliseconds.
setFlagsFromString('--no-incremental-marking')

await runProgram({
  usage,
  options: {
    policy: { type: 'string', default: 'drift' },
    endpoint: { type: 'string' },
    topic: { type: 'string' },
    openpi: { type: 'string' },
    host: { type: 'string' },
    groot: { type: 'string' },
    batch: { type: 'string', default: '1' },
    deadline: { type: 'string', default: '60' },
    waiting: { type: 'string', default: '64' },
    'latest-wins': { type: 'boolean', default: false },
    drain: { type: 'string', default: '5' },
    report: { type: 'boolean', default: false },
  },
  async run(values, signal) {
    const options = gatewayOptions(values)
    const drainS = positiveNumber('drain', values['drain'])
    const { policy, ...known } = await loadPolicy(String(values['policy']), {
      maxBatch: positiveInteger('batch', values['batch']),
      ...(values['report'] && { onRun: (request: number) => writeReport({ request, was: 'ran' }) }),
    })
    const gateway = await PolicyGateway.serve(policy, { ...options, ...known })
    for (const url of gateway.urls) process.stdout.write(`listening on ${url}\n`)
    await Promise.race([gateway.closed, signal.aborted || once(signal, 'abort')])
    await gateway.close({ drainS })
    const counts = Object.entries(gateway.health()).filter(([, count]) => typeof count === 'number' && count > 0)
    process.stdout.write(`ended: ${counts.map(([name, count]) => `${name} ${count}`).join(', ') || 'never asked'}\n`)
  },
})
