// A process that puts into or takes out of a queue as its arguments say, and tells on standard output what it did.
import { SharedQueue } from '../../../dist/index.js'

const [role, name, count, mode = 'sync'] = process.argv.slice(2)
const queue = await SharedQueue.open(name, { timeoutS: 10 })
const item = (i) => {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32LE(process.pid, 0)
  bytes.writeUInt32LE(i, 4)
  return bytes
}
process.stdout.write('ready\n')
if (role === 'put') {
  for (let i = 0; i < Number(count); i++) {
    if (mode === 'sync') queue.putSync(item(i))
    else await queue.put(item(i))
  }
} else {
  for (let i = 0; i < Number(count); i++) {
    const got = Buffer.from(mode === 'sync' ? queue.getSync() : await queue.get())
    process.stdout.write(`${got.readUInt32LE(0)} ${got.readUInt32LE(4)}\n`)
  }
}
queue.close()
