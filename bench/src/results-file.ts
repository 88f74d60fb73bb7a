import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Machine } from './machine.ts'
import { type Result, toContract } from './result.ts'
import { benchRoot } from './root.ts'
import type { Skipped } from './skip.ts'

/** A whole run, as results/latest.json keeps it. */
export interface Run {
  readonly machine: Machine
  readonly results: readonly Result[]
  readonly skipped?: readonly Skipped[]
}

const LATEST = path.join(benchRoot, 'results/latest.json')

export function saveLatest(run: Run): void {
  writeJson(LATEST, run, 2)
}

/** @returns undefined where no run was saved yet */
export function readLatest(): Run | undefined {
  try {
    return JSON.parse(readFileSync(LATEST, 'utf8')) as Run
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Everything that was measured, too much to commit. @returns the file */
export function saveRaw(machine: Machine, name: string, raw: object): string {
  const file = path.join(benchRoot, 'raw', `${machine.date.replaceAll(':', '-')}-${name.replaceAll('/', '_')}.json`)
  writeJson(file, { machine, ...raw })
  return file
}

export function writeContract(file: string, results: readonly Result[]): void {
  writeJson(path.resolve(file), toContract(results), 2)
}

function writeJson(file: string, value: unknown, indent?: number): void {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(value, null, indent)}\n`)
}
