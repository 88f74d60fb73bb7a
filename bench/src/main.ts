import { type Bench, rowsOf } from './bench.ts'
import { benches } from './benches/index.ts'
import { interrupted, onInterrupt } from './interrupt.ts'
import { describeMachine, type Machine } from './machine.ts'
import { type Options, parseOptions, USAGE } from './options.ts'
import { FULL, QUICK } from './plan.ts'
import { Problem } from './problem.ts'
import { Progress } from './progress.ts'
import { robotmqPython } from './python.ts'
import { updateReadme } from './readme.ts'
import type { Result } from './result.ts'
import { saveLatest, saveRaw, writeContract } from './results-file.ts'
import { runBench } from './run-bench.ts'
import { ourSide, pythonSide } from './side.ts'
import { Skip, type Skipped, skippedText } from './skip.ts'
import { Stage } from './stage.ts'
import { textTable } from './table.ts'

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args)
  if (options.help) return print(USAGE.trimEnd())
  const chosen = choose(options.only)
  if (options.list) return print(chosen.map(({ name }) => name).join('\n'))
  const python = robotmqPython()
  const machine = describeMachine(python)
  const { results, skipped } = await runAll(chosen, options, python, machine)
  print(textTable(results))
  if (skipped.length > 0) process.stderr.write(`${skippedText(skipped)}\n`)
  if (options.json !== undefined) writeContract(options.json, results)
  // A part of the benches, or few rounds, must not pass for the state of things.
  if (!options.quick && options.only.length === 0) {
    saveLatest({ machine, results, skipped })
    updateReadme({ machine, results, skipped })
  }
}

function choose(only: readonly string[]): readonly Bench[] {
  const chosen = only.length === 0 ? benches : benches.filter(({ name }) => only.some((part) => name.includes(part)))
  if (chosen.length > 0) return chosen
  throw new Problem(`No bench is called like ${only.join(' or ')}. There are: ${benches.map((b) => b.name).join(', ')}`)
}

async function runAll(
  chosen: readonly Bench[],
  options: Options,
  python: string,
  machine: Machine,
): Promise<{ results: Result[]; skipped: Skipped[] }> {
  const progress = new Progress()
  const sides = { ours: ourSide(), robotmq: pythonSide(python) }
  const results: Result[] = []
  const skipped: Skipped[] = []
  for (const [i, bench] of chosen.entries()) {
    const text = `${i + 1}/${chosen.length} ${bench.name}`
    const stage = new Stage()
    const settled = onInterrupt(() => stage.kill())
    try {
      progress.show(text)
      const scale = options.quick ? QUICK : FULL
      const show = (round: number, rounds: number) => progress.show(text, `round ${round} of ${rounds}`)
      const measured = await runBench(bench, stage, sides, scale, show)
      results.push(...measured.results)
      const rows = rowsOf(bench).map(({ name, peerName, figure }) => ({ name, peerName, unit: figure.samples }))
      saveRaw(machine, bench.name, { bench: bench.name, rows, ...measured.raw })
    } catch (error) {
      if (!(error instanceof Skip)) throw error
      skipped.push({ name: bench.name, why: error.message })
    } finally {
      await stage.close()
      settled()
    }
  }
  progress.clear()
  return { results, skipped }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

main(process.argv.slice(2)).catch((error: Error) => {
  // What was killed fails, and is no news.
  if (interrupted()) return
  process.stderr.write(`\n✗ ${error instanceof Problem ? error.message : error.stack}\n`)
  process.exitCode = 1
})
