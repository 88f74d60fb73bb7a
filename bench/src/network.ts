import { whyNoCable } from '@rmq/faults'
import { interrupted, onInterrupt } from './interrupt.ts'
import { describeMachine } from './machine.ts'
import { CONDITIONS } from './network/condition.ts'
import { type CrowdFigures, measureCrowd, medianOf } from './network/crowd.ts'
import { measureLoad } from './network/measure.ts'
import { DEFAULT_SECONDS, NETWORK_USAGE, parseNetworkOptions } from './network/options.ts'
import { crowdText, type LinkResult, linkTable, updateNetworkPage } from './network/report.ts'
import { Problem } from './problem.ts'
import { Progress } from './progress.ts'
import { robotmqPython } from './python.ts'
import { saveRaw } from './results-file.ts'
import { Stage } from './stage.ts'

const CROWD = 'crowd'
const CROWD_ROUNDS = 3

async function main(args: readonly string[]): Promise<void> {
  const { seconds, only, help } = parseNetworkOptions(args)
  if (help) {
    process.stdout.write(NETWORK_USAGE)
    return
  }
  const wanted = (name: string) => only.length === 0 || only.some((part) => name.includes(part))
  const chosen = CONDITIONS.filter(({ title }) => wanted(title))
  if (chosen.some(({ cable }) => cable !== undefined)) await requireCable()
  const python = robotmqPython()
  const machine = describeMachine(python)
  const progress = new Progress()
  const links: LinkResult[] = []
  for (const condition of chosen) {
    progress.show(condition.title, 'ours')
    const ours = await onStage((stage) => measureLoad(condition, seconds, stage))
    progress.show(condition.title, 'robotmq')
    const robotmq = await onStage((stage) => measureLoad(condition, seconds, stage, python))
    links.push({ title: condition.title, ours, robotmq })
  }
  let crowd: CrowdFigures | undefined
  if (wanted(CROWD)) {
    const rounds: CrowdFigures[] = []
    while (rounds.length < CROWD_ROUNDS) {
      progress.show(CROWD, `round ${rounds.length + 1} of ${CROWD_ROUNDS}`)
      rounds.push(await onStage((stage) => measureCrowd(seconds, stage)))
    }
    crowd = medianOf(rounds)
  }
  progress.clear()
  if (links.length > 0) process.stdout.write(`${linkTable(links)}\n`)
  if (crowd !== undefined) process.stdout.write(`${crowdText(crowd)}\n`)
  saveRaw(machine, 'network', { seconds, links, crowd })
  if (only.length === 0 && seconds === DEFAULT_SECONDS) updateNetworkPage(machine, links, crowd!)
}

async function requireCable(): Promise<void> {
  const why = await whyNoCable()
  if (why !== undefined) throw new Problem(why)
}

async function onStage<T>(measure: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = new Stage()
  const settled = onInterrupt(() => stage.kill())
  try {
    return await measure(stage)
  } finally {
    await stage.close()
    settled()
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  if (interrupted()) return
  process.stderr.write(`\n✗ ${error instanceof Problem ? error.message : error.stack}\n`)
  process.exitCode = 1
})
