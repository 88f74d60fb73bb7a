import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Endpoints } from './roles.ts'

export interface Workplace {
  /** @param run each has endpoints of its own */
  endpoints(run: number): Endpoints
  remove(): void
}

/** A folder for the demo's sockets. It goes with this process, whatever ends it but kill -9. */
export function makeWorkplace(): Workplace {
  const folder = mkdtempSync(path.join(tmpdir(), 'rmq-demo-'))
  const clear = () => rmSync(folder, { recursive: true, force: true })
  const endpoint = (name: string) => `ipc://${path.join(folder, name)}`
  process.on('exit', clear)
  return {
    endpoints: (run) => ({
      camera: endpoint(`camera-${run}`),
      robot: endpoint(`robot-${run}`),
      policy: endpoint(`policy-${run}`),
    }),
    remove() {
      clear()
      process.off('exit', clear)
    },
  }
}
