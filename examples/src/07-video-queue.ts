// ffmpeg's frames go through a queue in shared memory to a consumer in another process: each once, in order, none dropped.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { SharedQueue } from 'robotmq'

const WIDTH = 320
const HEIGHT = 240
const FRAME_BYTES = WIDTH * HEIGHT * 3
const FRAMES = 60

async function produce(runId: string): Promise<void> {
  // Four frames: when the consumer falls behind, put waits, and ffmpeg with it.
  using queue = SharedQueue.create('video', { capacity: 4, maxItemBytes: FRAME_BYTES, runId, unlinkWhenLast: true })
  const consumer = fork(fileURLToPath(import.meta.url), [runId])
  const ended = once(consumer, 'exit')

  // A file or a camera instead: -i video.mp4, -f v4l2 -i /dev/video0
  const input = ['-f', 'lavfi', '-i', `testsrc2=size=${WIDTH}x${HEIGHT}:rate=30`, '-frames:v', String(FRAMES)]
  const output = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1']
  const ffmpeg = spawn('ffmpeg', ['-loglevel', 'error', '-nostdin', ...input, ...output], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  ffmpeg.on('error', (error) => {
    console.error(`ffmpeg does not start (${error.message}). On Debian or Ubuntu: apt-get install ffmpeg`)
    process.exitCode = 1
  })

  let rest = Buffer.alloc(0)
  for await (const chunk of ffmpeg.stdout) {
    rest = Buffer.concat([rest, chunk])
    for (; rest.length >= FRAME_BYTES; rest = rest.subarray(FRAME_BYTES)) {
      await queue.put(rest.subarray(0, FRAME_BYTES), { timeoutS: 10 })
    }
  }
  // The consumer takes what is left, and is told then.
  queue.end()
  await ended
  const { put, taken } = queue.metrics()
  console.log(`${put} frames put, ${taken} taken`)
}

async function consume(runId: string): Promise<void> {
  using queue = await SharedQueue.open('video', { runId, timeoutS: 10 })
  let frames = 0
  let changed = 0
  let last: Uint8Array | undefined
  for await (const frame of queue) {
    frames += 1
    if (last === undefined || Buffer.compare(frame, last) !== 0) changed += 1
    last = frame
  }
  console.log(`consumer: ${frames} frames of ${last?.length} bytes, ${changed} of them unlike the one before`)
}

const runId = process.argv[2]
await (runId === undefined ? produce(`example-${process.pid}`) : consume(runId))
