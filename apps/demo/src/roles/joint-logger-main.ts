import { required, runProgram, StreamReporter } from '@rmq/app-kit'
import { RMQClient } from 'robotmq'
import { runJointLogger } from './joint-logger.ts'

const usage = `usage: joint-logger-main --robot E

Reads every joint state. Reports on stdout, as lines of JSON.
--until-stdin-closes ends with the parent process.`

await runProgram({
  usage,
  options: { robot: { type: 'string' } },
  async run(values, signal) {
    const robot = await RMQClient.connect('joint logger', required('robot', values['robot']), { signal })
    const reporter = new StreamReporter('joint_states')
    try {
      await runJointLogger(robot, reporter, signal)
    } finally {
      reporter.close()
      await robot.close()
    }
  },
})
