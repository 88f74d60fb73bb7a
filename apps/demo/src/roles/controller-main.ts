import { required, runProgram, StreamReporter } from '@rmq/app-kit'
import { RMQClient } from 'robotmq'
import { runController } from './controller.ts'
import { PolicyAsker } from './policy-asker.ts'

const usage = `usage: controller-main --camera E --robot E --policy E

Follows the camera and asks the policy. Reports on stdout, as lines of JSON.
--until-stdin-closes ends with the parent process.`

await runProgram({
  usage,
  options: { camera: { type: 'string' }, robot: { type: 'string' }, policy: { type: 'string' } },
  async run(values, signal) {
    const open: { close(): Promise<void> | void }[] = []
    const use = <T extends { close(): Promise<void> | void }>(resource: T): T => {
      open.push(resource)
      return resource
    }
    const connect = async (peer: string) =>
      use(await RMQClient.connect('controller', required(peer, values[peer]), { signal }))
    try {
      const peers = { camera: await connect('camera'), robot: await connect('robot') }
      const frames = use(new StreamReporter('camera'))
      const requests = use(new StreamReporter('inference'))
      const asker = new PolicyAsker(await connect('policy'), requests, signal)
      await runController({ ...peers, asker, frames }, signal)
    } finally {
      for (const resource of open.reverse()) await resource.close()
    }
  },
})
