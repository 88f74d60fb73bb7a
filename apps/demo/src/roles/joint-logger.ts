import { setTimeout } from 'node:timers/promises'
import type { StreamReporter } from '@rmq/app-kit'
import { type RMQClient, steadyClockUs } from 'robotmq'
import { parseJointState } from './joint-state.ts'
import { RecordFollower } from './record-follower.ts'

const POLL_MS = 4

/** Reads every joint state, and checks each against the robot's own count. */
export async function runJointLogger(robot: RMQClient, reporter: StreamReporter, signal: AbortSignal): Promise<void> {
  const follower = new RecordFollower(robot, 'joint_states')
  // The first record was put before this logger came: its age says nothing about reading.
  await follower.next(signal)
  while (!signal.aborted) {
    const { records, lost } = await follower.next(signal)
    const seenS = steadyClockUs() / 1e6
    reporter.lost(lost, `${lost} joint states were gone before they could be read`)
    for (const { data, sequence } of records) {
      const state = parseJointState(data)
      reporter.seen({ latencyMs: (seenS - state.t) * 1e3, number: state.sequence })
      if (state.sequence !== sequence) reporter.wrong(`record ${sequence} holds the robot's state ${state.sequence}`)
    }
    await setTimeout(POLL_MS, undefined, { signal })
  }
}
