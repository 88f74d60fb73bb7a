import { setTimeout as sleep } from 'node:timers/promises'
import type { RoleProcess } from '../role-process.ts'
import { residentBytes } from './memory.ts'
import type { ReaderProgress } from './reader-role.ts'
import type { ServerProgress } from './server-role.ts'

/** One second of a soak. */
export interface SoakSample {
  readonly seconds: number
  readonly residentBytes: number
  readonly server: ServerProgress
  readonly reader: ReaderProgress
}

/** Samples both processes every second until everything was put, or the time is over. */
export async function watch(
  server: RoleProcess,
  reader: RoleProcess,
  seconds: number,
  onSample: (sample: SoakSample) => void,
): Promise<SoakSample[]> {
  const samples: SoakSample[] = []
  const started = performance.now()
  for (;;) {
    await sleep(1000)
    const sample = {
      seconds: (performance.now() - started) / 1000,
      residentBytes: residentBytes(server.pid!),
      server: await server.ask<ServerProgress>('progress'),
      reader: await reader.ask<ReaderProgress>('progress'),
    }
    samples.push(sample)
    onSample(sample)
    if (sample.server.done || sample.seconds >= seconds) return samples
  }
}
