import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Measure } from './bench.ts'
import { benchRoot } from './root.ts'
import { Skip } from './skip.ts'
import type { Stage } from './stage.ts'

const PROGRAM = path.join(benchRoot, 'build/memcpy')

/**
 * A C++ program that copies into shared memory of a ring's size.
 * @throws Skip without a compiler
 */
export async function memcpyMeasure(stage: Stage, bytes: number, ringBytes: number): Promise<Measure> {
  const compiler = process.env['CXX'] || 'c++'
  mkdirSync(path.dirname(PROGRAM), { recursive: true })
  try {
    await stage.output(compiler, ['-O2', '-std=c++17', path.join(benchRoot, 'native/memcpy.cpp'), '-o', PROGRAM])
  } catch (error) {
    throw new Skip(`There is no working C++ compiler "${compiler}" (${(error as Error).message.trim()}). Install g++.`)
  }
  const lap = Math.ceil(ringBytes / bytes)
  return async ({ warmUp, count, seconds }) => {
    const args = [bytes, ringBytes, Math.max(lap, Math.min(warmUp.count, 4 * lap)), count, seconds]
    return JSON.parse(await stage.output(PROGRAM, args.map(String))) as number[]
  }
}
