// Tells how it reaches the topic `t`, then reads it as argument 2 says: peek, wait (for the next record), view (and keep).
import { RMQClient, RMQLogLevel } from 'robotmq'

const [endpoint, how = 'peek'] = process.argv.slice(2)
const client = await RMQClient.connect('program', endpoint, { logLevel: RMQLogLevel.OFF })
const { access, reason = '' } = await client.describe('t')
console.log(`access ${access} ${reason}`)
if (how === 'peek') {
  const [newest] = await client.peekData('t', -1)
  console.log(`bytes ${newest?.data.length}`)
  await client.close()
}
if (how === 'wait') {
  const subscription = client.subscribe('t', { from: 'new' })
  await subscription.ready
  const waiting = subscription.next()
  console.log('waiting')
  const { value } = await waiting
  console.log(`delay ${(value.ageS() * 1e6).toFixed(0)}`)
  await client.close()
}
if (how === 'view') {
  const lease = client.view('t')
  console.log(`viewing ${lease.data.length}`)
  setInterval(() => lease.data[0], 1000)
}
