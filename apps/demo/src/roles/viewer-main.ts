import { required, runProgram, writeReport } from '@rmq/app-kit'
import { type Lease, RMQClient, RmqError } from 'robotmq'
import { parseFrame } from './frame.ts'

const usage = `usage: viewer-main --camera E

Takes frames in place, as many as it gets, and never lets go of them; with each new frame of the camera it checks that
those in its hands are still what they were. Reports on stdout, as lines of JSON.
--until-stdin-closes ends with the parent process.`

await runProgram({
  usage,
  options: { camera: { type: 'string' } },
  async run(values, signal) {
    const camera = await RMQClient.connect('viewer', required('camera', values['camera']), { signal })
    const held: Lease[] = []
    try {
      for await (const _frame of camera.subscribe('camera', { policy: 'latest', signal })) {
        const taken = take(camera)
        if (taken !== undefined) held.push(taken)
        const whole = held.filter(({ data }) => parseFrame(data).intact).length
        writeReport({ holding: held.length, whole })
      }
    } finally {
      for (const lease of held) lease.release()
      await camera.close()
    }
  },
})

/** @returns undefined when all that may be held is held */
function take(camera: RMQClient): Lease | undefined {
  try {
    return camera.view('camera')
  } catch (error) {
    if (RmqError.isInstance(error) && error.code === 'LEASE_LIMIT') return undefined
    throw error
  }
}
