#!/usr/bin/env node
import { positiveInteger, positiveNumber, required, runProgram, UsageError, writeReport } from '@rmq/app-kit'
import { RMQServer } from 'robotmq'
import { runCamera } from './camera.ts'
import { chooseSource } from './choose-source.ts'

const usage = `usage: camera --endpoint E [--topic camera] [--rate 30] [--width 640] [--height 480]
              [--device /dev/video0 | --video FILE | --test-picture] [--report]

Puts { image, frameId, captureTimeS, crc32 } on the topic. Prints 'listening on E' once frames come.
Without a device or a video it shows a street clip, or a test picture where that cannot be had.
--report prints the counts as lines of JSON; --until-stdin-closes ends with the parent process.`

const RETENTION = { messageRemainingTimeS: 1 }

await runProgram({
  usage,
  options: {
    endpoint: { type: 'string' },
    topic: { type: 'string', default: 'camera' },
    rate: { type: 'string', default: '30' },
    width: { type: 'string', default: '640' },
    height: { type: 'string', default: '480' },
    device: { type: 'string' },
    video: { type: 'string' },
    'test-picture': { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
  async run(values, signal) {
    const { device, video, topic } = values as Record<string, string>
    const testPicture = values['test-picture'] === true
    if ([device, video, testPicture || undefined].filter((asked) => asked !== undefined).length > 1) {
      throw new UsageError('--device, --video and --test-picture exclude each other')
    }
    const choice = {
      rateHz: positiveNumber('rate', values['rate']),
      width: positiveInteger('width', values['width']),
      height: positiveInteger('height', values['height']),
      testPicture,
      ...(device === undefined ? {} : { device }),
      ...(video === undefined ? {} : { video }),
    }
    const tell = (text: string) => process.stderr.write(`camera: ${text}\n`)
    const server = await RMQServer.bind('camera', required('endpoint', values['endpoint']))
    try {
      server.addTopic(required('topic', topic), RETENTION)
      const source = await chooseSource(choice, signal, tell)
      try {
        tell(`showing ${source.description}, ${choice.width}x${choice.height} at ${choice.rateHz} Hz`)
        const report = values['report'] === true
        if (report) writeReport({ picture: source.description })
        for (const endpoint of server.endpoints) process.stdout.write(`listening on ${endpoint}\n`)
        await runCamera(server, source, { ...choice, topic: topic as string, report }, signal)
      } finally {
        await source.close()
      }
    } finally {
      await server.close()
    }
  },
})
