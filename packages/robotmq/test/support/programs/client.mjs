// A client that asks for a request of the given number of seconds and waits.
import { RMQClient, RMQLogLevel } from 'robotmq'

const [endpoint, seconds] = process.argv.slice(2)
const client = await RMQClient.connect('program', endpoint, { logLevel: RMQLogLevel.OFF })
console.log('connected')
await client.requestWithData('r', new Uint8Array([Number(seconds)]), { timeoutS: 60 })
