import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Machine } from '../machine.ts'
import { repositoryRoot } from '../root.ts'
import { CROWD_HZ, type CrowdFigures, PROCESSES, SUBSCRIBERS } from './crowd.ts'
import type { Figures, Load, Measured } from './measure.ts'

/** What was measured over one link. */
export interface LinkResult {
  readonly title: string
  readonly ours: Measured
  readonly robotmq: Measured
}

const BEGIN = '<!-- figures: written by npm run bench:network -->'
const END = '<!-- end of figures -->'
const LOADS: readonly Load[] = ['camera', 'joints', 'requests']
const HEAD = ['link', 'load', 'ours, 1/s', 'p50', 'p99', 'missed', 'robotmq, 1/s', 'p50', 'p99', 'missed']

export function linkTable(results: readonly LinkResult[]): string {
  const rows = results.flatMap(({ title, ours, robotmq }) =>
    LOADS.map((load) => [title, load, ...cells(ours[load]), ...cells(robotmq[load])]),
  )
  const rule = HEAD.map((_, column) => (column < 2 ? '---' : '--:'))
  return [HEAD, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

export function crowdText({ beforeP99Ms, whileP99Ms, grownBytes }: CrowdFigures): string {
  const others = (PROCESSES - 1) * SUBSCRIBERS
  return [
    `${PROCESSES * SUBSCRIBERS} subscribers in ${PROCESSES} processes at ${CROWD_HZ} Hz, one process stopped halfway: the median p99 of`,
    `the ${others} others is ${figure(beforeP99Ms)} ms before and ${figure(whileP99Ms)} ms while it is stopped, and the server's memory`,
    `grows by ${figure(grownBytes / 2 ** 20)} MiB.`,
  ].join('\n')
}

/** Puts the figures between the markers of docs/network.md. */
export function updateNetworkPage(machine: Machine, results: readonly LinkResult[], crowd: CrowdFigures): void {
  const file = path.join(repositoryRoot, 'docs/network.md')
  const text = readFileSync(file, 'utf8')
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`docs/network.md needs "${BEGIN}" and "${END}" around its figures.`)
  const where = `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}; Node ${machine.node}, robotmq ${machine.robotmq}`
  const when = `${machine.date.slice(0, 10)}, commit ${machine.commit ?? 'none'}`
  const block = [BEGIN, `${where}; ${when}.`, '', linkTable(results), '', crowdText(crowd), ''].join('\n')
  writeFileSync(file, text.slice(0, begin) + block + text.slice(end))
}

function cells({ perSecond, p50Ms, p99Ms, missed, published }: Figures): string[] {
  const share = published === 0 ? '' : missed === 0 ? '0' : `${figure((100 * missed) / published)} %`
  return [figure(perSecond), `${figure(p50Ms)} ms`, `${figure(p99Ms)} ms`, share]
}

function figure(value: number): string {
  if (Number.isNaN(value)) return '–'
  return value >= 99.5 ? Math.round(value).toLocaleString('en') : value.toPrecision(2)
}
