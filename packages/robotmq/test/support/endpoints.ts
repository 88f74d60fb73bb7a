import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** An endpoint of a kind that nobody uses. The system chooses tcp ports, so two tests never meet. */
export async function freshEndpoint(scheme: 'ipc' | 'tcp'): Promise<string> {
  if (scheme === 'tcp') return `tcp://127.0.0.1:${await freePort()}`
  const folder = mkdtempSync(join(tmpdir(), 'rmq-test-'))
  folders.push(folder)
  return `ipc://${folder}/s`
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
