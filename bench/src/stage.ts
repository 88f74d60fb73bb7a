import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { RoleProcess } from './role-process.ts'
import type { RoleName, Side } from './side.ts'

export type EndpointKind = 'ipc' | 'tcp'

/** Where roles play: the processes and endpoints that it has, all of which `close` takes away. */
export class Stage {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'rmq-bench-'))
  readonly #processes = new Set<RoleProcess>()
  #endpoints = 0

  start(side: Side, role: RoleName, env?: NodeJS.ProcessEnv): RoleProcess {
    const process = side.start(role, env)
    this.#processes.add(process)
    return process
  }

  async endpoint(kind: EndpointKind): Promise<string> {
    if (kind === 'ipc') return `ipc://${this.#folder}/${this.#endpoints++}`
    return `tcp://127.0.0.1:${await freePort()}`
  }

  async close(): Promise<void> {
    await Promise.all([...this.#processes].map((process) => process.close()))
    this.#removeFolder()
  }

  /** For a run that is being interrupted: at once, and without waiting. */
  kill(): void {
    for (const process of this.#processes) process.kill()
    this.#removeFolder()
  }

  #removeFolder(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** The original cannot bind port 0 and tell what it got, so both sides are given a port that was free just now. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<unknown>((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.')
  return address.port
}
