import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const folder = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const python = process.env['RMQ_PYTHON'] ?? folder('../.venv/bin/python')
const withoutPython = !existsSync(python)

const WITH_PYTHON = '05-python-interop'
const WITH_FFMPEG = '07-video-queue'
const withoutFfmpeg = spawnSync('ffmpeg', ['-version']).status !== 0

/** What each example prints. */
const PRINTED: Record<string, string> = {
  '01-publish-and-peek': `newest: #5 { step: 5, positions: [ 0.5, -1 ] }
last three: #3 #4 #5
records in the topic: 5
`,
  '02-camera-frames': `frames are uint8 [480, 640, 3]
frame 20: the dot is at x = 400
`,
  '03-request-reply': `targets for robot-1: [ 0.5, 1, 1.5 ]
four at once: 0.5 1 1.5 2
REQUEST_FAILED: this policy drives 3 joints, not 1
`,
  '04-pop-pipeline': `both workers did some: true
1²=1 2²=4 3²=9 4²=16 5²=25 6²=36 7²=49 8²=64 9²=81 10²=100 11²=121 12²=144
left over: 0
`,
  '05-python-interop': `TypeScript: asked with float32 [ 0.5, 1.5 ]
Python: frame 42, uint8 (480, 640, 3), exposure 2.0
Python: the brightest pixel is at [240, 320, 0]
Python: targets [1.0, 3.0]
TypeScript: the note says { from: 'Python', done: true }
`,
  '06-shared-memory': `the viewer's way to the topic: attached
frame 1: 921600 bytes of 1, 0 lost before
frame 2: 921600 bytes of 2, 0 lost before
frame 3: 921600 bytes of 3, 0 lost before
the newest, looked at again: 3
the oldest, copied: 1
`,
  '07-video-queue': `consumer: 60 frames of 230400 bytes, 60 of them unlike the one before
60 frames put, 60 taken
`,
  '08-onnx-network': `at 0 m/s: float32 [1, 12], front right leg 0.35 0.07 1.04
at 1 m/s: float32 [1, 12], front right leg -0.14 0.26 0.70
`,
  '09-publish-subscribe': `logger: step 1, 0 lost before it
logger: step 2, 0 lost before it
logger: step 3, 0 lost before it
logger: step 4, 0 lost before it
logger again: step 5
logger again: step 6
display: is at step 6; seen or left out 5, lost 0
`,
  '10-pipeline-workers': `a worker ended by SIGKILL
1: 1, 2: 4, 3: 9, 4: 16, 5: 25, 6: 36, 7: 49, 8: 64, 9: 81, 10: 100, 11: 121, 12: 144
12 done, 1 of them given to a second worker, 0 abandoned
`,
  '11-routed-requests': `the planner has 6 requests of left-arm and right-arm
left-arm was answered in the order 3, 2, 1
right-arm was answered in the order 3, 2, 1
`,
  '12-exclusive-pair': `the arm is told: open the gripper
the arm answers: { done: 'open the gripper' }
a stranger is refused: NO_SPACE
then next-arm takes its place
`,
  '13-in-process': `grasp 1: cup, 0.08 m
it is a cup, upright
`,
  '14-poll-topics': `first comes scene
then { joints: 3, wrist: 1, scene: 0 }
nothing for 50 ms: the arm holds its position
`,
  '15-connection-events': `disconnect: looking for it
retry: the peek of joints is sent again until it is answered
connect: the server is there again
the peek was answered after all: 0 records
drop: 3 records of joints were gone before they were read
next is record 5, 3 lost before it
`,
}

test('each example is listed here', () => {
  const sources = readdirSync(folder('src')).filter((file) => file.endsWith('.ts'))
  expect(sources.sort()).toEqual(Object.keys(PRINTED).map((name) => `${name}.ts`))
})

async function run(name: string): Promise<void> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [folder(`dist/${name}.js`)], {
    timeout: 25_000,
  })
  expect(stderr).toBe('')
  expect(stdout).toBe(PRINTED[name])
  expect(readdirSync(tmpdir()).filter((file) => file.startsWith('rmq-example-'))).toEqual([])
}

test.each(Object.keys(PRINTED).filter((name) => name !== WITH_PYTHON && name !== WITH_FFMPEG))(
  '%s prints what it should, and ends by itself',
  run,
)

if (withoutPython && process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(`No ${python}: run \`npm run venv\`.`)
const title = `${WITH_PYTHON} too${withoutPython ? " (skipped: run `npm run venv` to install Python's robotmq)" : ''}`
test.skipIf(withoutPython)(title, () => run(WITH_PYTHON))

if (withoutFfmpeg && process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error('No ffmpeg: apt-get install ffmpeg')
const video = `${WITH_FFMPEG} too${withoutFfmpeg ? ' (skipped: no ffmpeg; apt-get install ffmpeg)' : ''}`
test.skipIf(withoutFfmpeg)(video, () => run(WITH_FFMPEG))
