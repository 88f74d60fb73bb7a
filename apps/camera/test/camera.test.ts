import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { endPrograms, needFfmpeg, processesWith, RunningProgram, waitFor } from '@rmq/app-kit/testing'
import { clearSharedMemory, deserialize, type NDArray, RMQClient, steadyClockUs } from 'robotmq'
import { afterAll, afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
let folder: string
let endpoint: string

/** Its folder is in its environment and in that of all its children: that is how they are found. */
function camera(...args: readonly string[]): RunningProgram {
  return new RunningProgram(process.execPath, [main, '--endpoint', endpoint, ...args], { CAMERA_TEST: folder })
}

const ffmpegPid = () => processesWith(folder).find(({ command }) => command.startsWith('ffmpeg'))?.pid

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rmq-camera-test-'))
  endpoint = `ipc://${folder}/camera`
})

afterEach(async () => {
  await endPrograms()
  rmSync(folder, { recursive: true, force: true })
})

// Some of the cameras here are killed, and cannot clean up.
afterAll(() => void clearSharedMemory())

describe('the camera', () => {
  it('puts whole frames with their capture time, thirty a second', async () => {
    const program = camera('--test-picture')
    await program.printed(`listening on ${endpoint}`)
    const client = await RMQClient.connect('test', endpoint)
    expect(await client.describe('camera')).toMatchObject({ access: 'attached' })
    const read = async (least: number) => {
      const messages = await client.peekData('camera', 0)
      return messages.length >= least && messages
    }
    const messages = await waitFor(() => read(20), '20 frames')
    const times = messages.map(({ captureTimeS }) => captureTimeS!)
    expect((times.at(-1)! - times[0]!) / (times.length - 1)).toBeCloseTo(1 / 30, 2)
    expect(steadyClockUs() / 1e6 - times.at(-1)!).toBeLessThan(1)
    for (const [index, { data, sequence, captureTimeS }] of messages.entries()) {
      const frame = deserialize(data) as { image: NDArray; frameId: number; captureTimeS: number; crc32: number }
      expect(frame.image.shape).toEqual([480, 640, 3])
      expect(crc32(frame.image.toBytes())).toBe(frame.crc32)
      expect(frame).toMatchObject({ frameId: sequence, captureTimeS, camera: program.pid })
      expect(sequence).toBe(messages[0]!.sequence + index)
    }
    await client.close()
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves cleanly on %s', async (signal) => {
    const program = camera('--test-picture')
    await program.printed('listening on')
    expect(await program.end(signal)).toEqual({ code: 0, signal: null })
    expect(readdirSync(folder)).toEqual([])
    expect(program.stderr).toBe('camera: showing a moving test picture, 640x480 at 30 Hz\n')
  })

  it('is killed halfway through a put when it was told to stop there: nobody ever sees that frame', async () => {
    const program = camera('--test-picture', '--report', '--until-stdin-closes', '--first-frame', '101')
    await program.printed(/"last":105/)
    const client = await RMQClient.connect('test', endpoint)
    const subscription = client.subscribe('camera')
    await subscription.ready
    const seen: [camera: number, frameId: number][] = []
    const following = (async () => {
      for await (const { data } of subscription) {
        const frame = deserialize(data) as { image: NDArray; frameId: number; crc32: number; camera: number }
        expect(crc32(frame.image.toBytes())).toBe(frame.crc32)
        seen.push([frame.camera, frame.frameId])
        if (frame.camera !== program.pid) break
      }
    })()
    program.order('stop halfway')
    await program.printed('"unfinished"')
    expect(await program.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' })
    const { unfinished } = JSON.parse(program.stdout.match(/^\{"unfinished".*$/m)![0]) as { unfinished: number }
    const lasts = [...program.stdout.matchAll(/"last":(\d+)/g)].map(([, last]) => Number(last))
    expect(lasts.at(-1)).toBe(unfinished - 1)

    const next = camera('--test-picture', '--first-frame', `${unfinished}`)
    await following
    const frames = seen.map(([, frameId]) => frameId)
    expect(frames).toEqual(frames.map((_, index) => frames[0]! + index))
    expect(seen.slice(-2)).toEqual([
      [program.pid, unfinished - 1],
      [next.pid, unfinished],
    ])
    await client.close()
  })

  it('rests when it is told to, and can still be read', async () => {
    const program = camera('--test-picture', '--report', '--until-stdin-closes')
    await program.printed(/"last":3/)
    program.order('rest')
    await program.printed('"resting":true')
    const { last } = JSON.parse(program.stdout.match(/^.*"resting":true.*$/m)![0]) as { last: number }
    const client = await RMQClient.connect('test', endpoint)
    expect((await client.listTopics())[0]!.published).toBe(last)
    await client.close()
    expect(await program.end('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  describe('with ffmpeg', () => {
    /** Half a second of video. */
    async function showVideo(context: TestContext, ...args: readonly string[]): Promise<RunningProgram> {
      needFfmpeg(context)
      const video = path.join(folder, 'short.mp4')
      const make = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=10:duration=0.5', '-loglevel', 'error', video]
      expect(await new RunningProgram('ffmpeg', make).ended).toMatchObject({ code: 0 })
      const program = camera('--video', video, '--width', '160', '--height', '120', ...args)
      await program.printed('listening on')
      expect(program.stderr).toContain(`showing the video ${video}`)
      return program
    }

    it('shows a video over and over, and ends ffmpeg with itself', async (context) => {
      const program = await showVideo(context, '--report')
      await program.printed(/"records":(4[5-9]|[5-9]\d)/) // Three times its length.
      expect(await program.end('SIGINT')).toEqual({ code: 0, signal: null })
      expect(processesWith(folder)).toEqual([])
    })

    it('takes ffmpeg along even when it is killed', async (context) => {
      const program = await showVideo(context)
      expect(ffmpegPid()).toBeGreaterThan(0)
      await program.end('SIGKILL')
      await waitFor(() => ffmpegPid() === undefined, 'the end of ffmpeg', 5)
    })

    it('says so when ffmpeg dies', async (context) => {
      const program = await showVideo(context)
      process.kill(ffmpegPid()!, 'SIGKILL')
      expect(await program.ended).toEqual({ code: 1, signal: null })
      expect(program.stderr).toContain('ffmpeg was killed by SIGKILL while reading the video')
    })

    it('fails with the reason when there is no such video', async (context) => {
      needFfmpeg(context)
      const program = camera('--video', path.join(folder, 'none.mp4'))
      expect(await program.ended).toEqual({ code: 1, signal: null })
      expect(program.stderr).toContain('No such file or directory')
      expect(program.stdout).toBe('')
    })
  })

  it.each([
    [['--rate', '0'], '--rate must be a number greater than 0, got 0'],
    [['--first-frame', '0'], '--first-frame must be a number greater than 0, got 0'],
    [['--width', '1.5'], '--width must be a whole number, got 1.5'],
    [['--video', 'a', '--device', 'b'], '--device, --video and --test-picture exclude each other'],
    [['--frames'], "Unknown option '--frames'"],
  ])('refuses %o with exit code 2', async (args, text) => {
    const program = camera(...args)
    expect(await program.ended).toEqual({ code: 2, signal: null })
    expect(program.stderr).toContain(text)
  })
})
