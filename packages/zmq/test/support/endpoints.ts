import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of the test's own, removed when it ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rmq-zmq-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A fresh endpoint to bind: of its own folder, or with a port that the system chooses. */
export function freshEndpoint(scheme: 'ipc' | 'tcp' = 'ipc'): string {
  return scheme === 'tcp' ? 'tcp://127.0.0.1:0' : `ipc://${join(temporaryFolder(), 's')}`
}
