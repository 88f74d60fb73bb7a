import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const packageFolder = fileURLToPath(new URL('../..', import.meta.url))

export interface Child {
  readonly process: ChildProcessWithoutNullStreams
  /** The next line that it prints. */
  line(): Promise<string>
  send(line: string): void
  /** Its exit code, or the signal that ended it. */
  readonly exit: Promise<number | string>
  stderr(): string
}

/** A process of the test's own, killed when the test ends. */
export function startChild(command: string, args: readonly string[]): Child {
  const child = spawn(command, args, { cwd: packageFolder })
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const exit = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exit
  })
  return {
    process: child,
    line: async () => {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${command} ended: ${stderr}`)
      return value as string
    },
    send: (line) => void child.stdin.write(`${line}\n`),
    exit,
    stderr: () => stderr,
  }
}

/** A Node process that runs a module's text; it imports the built packages. */
export function startNode(text: string): Child {
  return startChild(process.execPath, ['--input-type=module', '-e', text])
}
