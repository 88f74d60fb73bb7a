import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { NDArray, serialize } from 'robotmq'
import { afterAll, expect, test } from 'vitest'
import { killAll, RMQ, Running } from './support/rmq.ts'
import { removeFolders, temporaryFolder } from './support/serve.ts'

afterAll(async () => {
  await killAll()
  removeFolders()
})

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const DOCUMENTED_FOLDER = '/tmp/feeds'

interface Step {
  readonly command: string
  readonly output: string
}

/** The commands of the README with what it says they print. */
function documentedSteps(): Step[] {
  const blocks = [...README.matchAll(/^```console\n(.*?)^```$/gms)].map((match) => match[1] as string)
  return blocks
    .flatMap((block) => block.split(/^\$ /m).slice(1))
    .map((step) => {
      const [command, ...output] = step.split('\n')
      return { command: command as string, output: output.join('\n') }
    })
}

/** The times, rates and names that differ from run to run, and the columns that they stretch. */
function alike(text: string): string {
  return text
    .replace(/"epoch":"\w+"/g, '"epoch":"E"')
    .replace(/\d+\.\d+ (s|Hz)|"(timestampS|ageS)":[\d.]+/g, 'N')
    .replace(/\b\d+ s\b/g, 'N')
    .replace(/ +/g, ' ')
}

/** A command of the README in a shell, with its paths in a folder of the test. */
function start(command: string, folder: string): Running {
  const words = command.replaceAll(DOCUMENTED_FOLDER, `${folder}/feeds`)
  return new Running('bash', ['-c', `cd ${folder}; PATH=${folder}/bin:$PATH; ${words}`])
}

const printed = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => stdout + stderr

test('the commands of the README print what it says', { timeout: 90_000 }, async () => {
  const folder = temporaryFolder()
  mkdirSync(`${folder}/bin`)
  symlinkSync(RMQ, `${folder}/bin/rmq`)
  const joints = NDArray.from([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5])
  writeFileSync(`${folder}/frame.bin`, serialize({ image: NDArray.zeros([480, 640, 3], 'uint8'), joints, frameId: 42 }))

  const steps = documentedSteps()
  expect(steps.length).toBeGreaterThan(10)
  for (const { command, output } of steps) {
    const told = (running: { readonly stdout: string; readonly stderr: string }) =>
      alike(printed(running).replaceAll(`${folder}/feeds`, DOCUMENTED_FOLDER))
    if (command.endsWith(' &')) {
      const running = start(`exec ${command.slice(0, -2)}`, folder)
      await running.until((soFar) => told(soFar) === alike(output))
    } else {
      expect(told(await start(command, folder).exited), command).toBe(alike(output))
    }
  }
})
