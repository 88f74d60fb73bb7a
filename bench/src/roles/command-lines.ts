import { createInterface } from 'node:readline'

/** What a role does on command: a name, and the command's arguments as one object. */
export type Handlers = Readonly<Record<string, (args: never) => unknown>>

interface CommandLine {
  readonly id: number
  readonly command: string
}

/**
 * Obeys commands, lines of JSON on stdin, and answers each with a line on stdout; several may run at once. Resolves
 * at the end of stdin: a role never outlives its parent, however that one ended.
 */
export async function obey(handlers: Handlers): Promise<void> {
  // Ctrl-C reaches the whole group; the parent closes stdin when it is time to go.
  process.on('SIGINT', () => {})
  // A parent that is gone has closed stdin too, which lets the role end in order.
  process.stdout.on('error', () => {})
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, command, ...args } = JSON.parse(line) as CommandLine
    void run(handlers, command, args).then((answer) => process.stdout.write(`${JSON.stringify({ id, ...answer })}\n`))
  }
}

async function run(
  handlers: Handlers,
  command: string,
  args: object,
): Promise<{ result: unknown } | { error: string }> {
  try {
    const handler = handlers[command]
    if (handler === undefined) throw new Error(`this role has no command "${command}"`)
    return { result: (await handler(args as never)) ?? null }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
