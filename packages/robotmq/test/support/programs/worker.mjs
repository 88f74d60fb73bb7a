// A worker of the pipeline `jobs`. A job is its number and the milliseconds that it takes (u32 each); the result is the
// number. Says `joined`, then `began N ATTEMPT` and `ended N` or `aborted N` for each.
import { setTimeout as sleep } from 'node:timers/promises'
import { RMQClient, RMQLogLevel } from 'robotmq'

const client = await RMQClient.connect('worker', process.argv[2], { logLevel: RMQLogLevel.OFF })
client.work('jobs', async (data, { attempt, signal }) => {
  const view = new DataView(data.buffer, data.byteOffset)
  const number = view.getUint32(0)
  console.log(`began ${number} ${attempt}`)
  signal.addEventListener('abort', () => console.log(`aborted ${number}`))
  await sleep(view.getUint32(4))
  console.log(`ended ${number}`)
  return data.slice(0, 4)
})
console.log('joined')
