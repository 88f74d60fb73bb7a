#!/usr/bin/env node
import { positiveNumber, runProgram } from '@rmq/app-kit'
import { runDemo } from './demo.ts'

const usage = `usage: npm run demo -- [--seconds 20 | --forever] [--device /dev/video0 | --video FILE | --test-picture]

A camera, a robot, a controller and a policy talk: first with the policy in Python, then with the controller in Python.
Meanwhile a reader and the camera are killed with kill -9, and the policy hangs.
--seconds is the least time; --forever goes on until Ctrl-C. With RMQ_REQUIRE_ALL=1 a missing Python is a failure.
Exit code: 0 all was as it must be, 1 it was not, 130 stopped before the end.`

await runProgram({
  usage,
  options: {
    seconds: { type: 'string', default: '20' },
    forever: { type: 'boolean', default: false },
    device: { type: 'string' },
    video: { type: 'string' },
    'test-picture': { type: 'boolean' },
  },
  async run(values, signal) {
    const { device, video } = values
    const code = await runDemo(
      {
        seconds: positiveNumber('seconds', values['seconds']),
        forever: values['forever'] === true,
        pictureOptions: [
          ...(typeof device === 'string' ? ['--device', device] : []),
          ...(typeof video === 'string' ? ['--video', video] : []),
          ...(values['test-picture'] ? ['--test-picture'] : []),
        ],
        requireAll: process.env['RMQ_REQUIRE_ALL'] === '1',
      },
      signal,
    )
    process.exitCode = code
  },
})
