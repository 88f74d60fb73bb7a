// Copied into an empty project: `use-queue.mjs put NAME COUNT` makes a queue and puts the numbers from 0 on,
// `use-queue.mjs take NAME` prints what it takes until the queue ends.
import { SharedQueue } from 'robotmq'

const [what, name, count] = process.argv.slice(2)
if (what === 'put') {
  const queue = SharedQueue.create(name, { capacity: 8, maxItemBytes: 64, unlinkWhenLast: true })
  console.log('ready')
  for (let n = 0; n < Number(count); n++) await queue.put(Buffer.from(`${n}`))
  queue.end()
  // What the last ones are taken from must still be there; who leaves last removes it.
  while (!queue.isEmpty) await new Promise((resolve) => setTimeout(resolve, 20))
  queue.close()
} else {
  const queue = await SharedQueue.open(name, { timeoutS: 30, unlinkWhenLast: true })
  for await (const item of queue) console.log(Buffer.from(item).toString())
  queue.close()
}
