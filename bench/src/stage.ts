import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import type { RoleProcess } from './role-process.ts'
import { removeOriginalSegments, removeOurSegments, removeWithPrefix } from './shared-memory.ts'
import type { RoleName, Side } from './side.ts'

export type EndpointKind = 'ipc' | 'tcp'

/** Where roles play: the processes, endpoints and files that it has, all of which `close` takes away. */
export class Stage {
  readonly folder: string = mkdtempSync(path.join(tmpdir(), 'rmq-bench-'))
  readonly #processes = new Set<RoleProcess>()
  readonly #programs = new Set<() => void>()
  #endpoints = 0

  /** What names of shared memory begin with where a role lets the stage choose. */
  get prefix(): string {
    return `${path.basename(this.folder)}_`
  }

  start(side: Side, role: RoleName, env?: NodeJS.ProcessEnv): RoleProcess {
    const process = side.start(role, env)
    this.#processes.add(process)
    return process
  }

  /** Runs a program to its end. @returns what it wrote to stdout. @throws Error with what it wrote to stderr */
  async output(command: string, args: readonly string[]): Promise<string> {
    // In a group of its own, so that the programs it starts end with it.
    const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const { pid } = child
    const kill = () => killGroup(pid!)
    // None that could not be started.
    if (pid !== undefined) this.#programs.add(kill)
    try {
      const ended = once(child, 'close')
      const [out, complaint, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), ended])
      if (code === 0) return out
      throw new Error(`${command} ended with ${signal ?? `exit code ${code}`}. ${complaint}`.trim())
    } finally {
      this.#programs.delete(kill)
    }
  }

  async endpoint(kind: EndpointKind): Promise<string> {
    if (kind === 'ipc') return `ipc://${this.folder}/${this.#endpoints++}`
    return `tcp://127.0.0.1:${await freePort()}`
  }

  async close(): Promise<void> {
    await Promise.all([...this.#processes].map((process) => process.close()))
    await this.#cleanUp()
  }

  /** For a run that is being interrupted: as fast as the system ends processes. */
  async kill(): Promise<void> {
    for (const kill of this.#programs) kill()
    await Promise.all([...this.#processes].map((process) => process.kill()))
    await this.#cleanUp()
  }

  async #cleanUp(): Promise<void> {
    const processes = [...this.#processes]
    for (const { pid } of processes) if (pid !== undefined) removeOriginalSegments(pid)
    removeWithPrefix(this.prefix)
    if (processes.some(({ wasKilled }) => wasKilled)) await removeOurSegments()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    // It has just ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
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
