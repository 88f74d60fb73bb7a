#!/usr/bin/env node
import { positiveInteger, positiveNumber, required, runProgram, UsageError, writeReport } from '@rmq/app-kit'
import { RMQServer } from 'robotmq'
import { addCameraTopic, runCamera } from './camera.ts'
import { chooseSource } from './choose-source.ts'

const usage = `usage: camera --endpoint E [--topic camera] [--rate 30] [--width 640] [--height 480] [--first-frame 1]
              [--device /dev/video0 | --video FILE | --test-picture] [--report]

Puts { image, frameId, captureTimeS, crc32, camera } on a topic in shared memory, and prints 'listening on E' once
frames come. Without a device or a video it shows a street clip, or a test picture where that cannot be had.
--report prints the counts as lines of JSON, one for each put. --until-stdin-closes ends with the parent process, and
takes orders from it: the line 'rest' to put no more, 'stop halfway' to begin a put and never finish it.`

await runProgram({
  usage,
  options: {
    endpoint: { type: 'string' },
    topic: { type: 'string', default: 'camera' },
    rate: { type: 'string', default: '30' },
    width: { type: 'string', default: '640' },
    height: { type: 'string', default: '480' },
    'first-frame': { type: 'string', default: '1' },
    device: { type: 'string' },
    video: { type: 'string' },
    'test-picture': { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
  async run(values, signal, orders) {
    const { device, video } = values as Record<string, string>
    const topic = required('topic', values['topic'])
    const firstFrame = positiveInteger('first-frame', values['first-frame'])
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
      addCameraTopic(server, topic, choice)
      const source = await chooseSource(choice, signal, tell)
      try {
        tell(`showing ${source.description}, ${choice.width}x${choice.height} at ${choice.rateHz} Hz`)
        if (values['report']) writeReport({ picture: source.description, drawn: source.drawn })
        for (const endpoint of server.endpoints) process.stdout.write(`listening on ${endpoint}\n`)
        const report = values['report'] ? 'each' : 'never'
        await runCamera(server, source, { ...choice, topic, firstFrame, report }, signal, orders)
      } finally {
        await source.close()
      }
    } finally {
      await server.close()
    }
  },
})
