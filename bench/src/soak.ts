import { interrupted, onInterrupt } from './interrupt.ts'
import { describeMachine } from './machine.ts'
import { Problem } from './problem.ts'
import { Progress } from './progress.ts'
import { saveRaw } from './results-file.ts'
import { ourSide } from './side.ts'
import { FRAME_BYTES } from './soak/frame.ts'
import { parseSoakOptions, SOAK_USAGE } from './soak/options.ts'
import { isGood, reportOn, soakText } from './soak/report.ts'
import { type SoakSample, watch } from './soak/watch.ts'
import { Stage } from './stage.ts'

async function main(args: readonly string[]): Promise<void> {
  const { gigabytes, seconds, help } = parseSoakOptions(args)
  if (help) {
    process.stdout.write(SOAK_USAGE)
    return
  }
  const progress = new Progress()
  const samples = await soak(Math.ceil((gigabytes * 1e9) / FRAME_BYTES), seconds, (sample) =>
    progress.show('soak', describe(sample, gigabytes)),
  )
  progress.clear()
  const report = reportOn(samples)
  const file = saveRaw(describeMachine(), 'soak', { report, samples })
  process.stdout.write(`${soakText(report)}\nsamples   ${file}\n`)
  if (!isGood(report)) process.exitCode = 1
}

async function soak(frames: number, seconds: number, onSample: (sample: SoakSample) => void): Promise<SoakSample[]> {
  const stage = new Stage()
  const settled = onInterrupt(() => stage.kill())
  try {
    const endpoint = await stage.endpoint('ipc')
    const [server, reader] = [stage.start(ourSide(), 'soak-server'), stage.start(ourSide(), 'soak-reader')]
    await server.ask('start', { endpoint, frames })
    await reader.ask('start', { endpoint })
    return await watch(server, reader, seconds, onSample)
  } finally {
    await stage.close()
    settled()
  }
}

function describe({ seconds, residentBytes, server }: SoakSample, gigabytes: number): string {
  const put = (server.puts * FRAME_BYTES) / 1e9
  const memory = Math.round(residentBytes / 2 ** 20)
  return `${seconds.toFixed(0)} s: ${put.toFixed(1)} of ${gigabytes} GB put, server memory ${memory} MiB`
}

main(process.argv.slice(2)).catch((error: Error) => {
  if (interrupted()) return
  process.stderr.write(`\n✗ ${error instanceof Problem ? error.message : error.stack}\n`)
  process.exitCode = 1
})
