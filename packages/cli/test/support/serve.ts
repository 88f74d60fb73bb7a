import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Running, startRmq } from './rmq.ts'

const folders: string[] = []

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rmq-cli-'))
  folders.push(folder)
  return folder
}

/** An ipc endpoint in a folder of its own. */
export function freshEndpoint(): string {
  return `ipc://${temporaryFolder()}/s`
}

/** Removes what the tests of a file made, for `afterAll`. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

export interface Served {
  readonly server: Running
  /** As bound, in the order of the command line. */
  readonly endpoints: readonly string[]
  readonly endpoint: string
}

/** `rmq serve` on one endpoint, or on those that the arguments name; resolves once it is ready. */
export async function serve(...args: readonly string[]): Promise<Served> {
  const named = args.filter((argument) => argument === '--endpoint').length
  const all = named > 0 ? args : ['--endpoint', freshEndpoint(), ...args]
  const server = startRmq('serve', ...all)
  await server.until(({ stdout }) => listening(stdout).length === Math.max(1, named))
  const endpoints = listening(server.stdout)
  return { server, endpoints, endpoint: endpoints[0] as string }
}

function listening(stdout: string): string[] {
  return [...stdout.matchAll(/^listening on (.+)\n/gm)].map((match) => match[1] as string)
}
