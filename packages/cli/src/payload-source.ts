import { constants, openSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { type Command, Option } from 'commander'
import type { Context } from './context.ts'
import { UsageError } from './usage-error.ts'

/** Where a command takes its payload from: stdin where neither is given. */
export interface PayloadOptions {
  readonly file?: string
  readonly data?: string
}

export function addPayloadOptions(command: Command): Command {
  return command
    .addOption(new Option('--data <text>', 'the payload as text'))
    .addOption(new Option('--file <path>', 'the file that holds the payload; - is stdin').conflicts('data'))
}

/** @throws UsageError where there is nothing to send */
export async function readPayload({ file, data }: PayloadOptions, context: Context): Promise<Uint8Array> {
  const { source, payload } = await read(file, data, context)
  if (payload.byteLength > 0) return payload
  throw new UsageError(`${source} is empty, and a payload must not be: give --data TEXT, --file F, or bytes on stdin.`)
}

async function read(
  file: string | undefined,
  data: string | undefined,
  context: Context,
): Promise<{ readonly source: string; readonly payload: Uint8Array }> {
  if (data !== undefined) return { source: '--data', payload: new TextEncoder().encode(data) }
  if (file !== undefined && file !== '-') return { source: `File ${file}`, payload: await readPath(file, context) }
  if (context.stdin.isTTY) context.notice('Type the payload and end it with Ctrl-D on a line of its own.')
  return { source: 'stdin', payload: await readStream(context.stdin, context) }
}

async function readPath(file: string, context: Context): Promise<Uint8Array> {
  if (!(await stat(file)).isFIFO()) return readFile(file, { signal: context.signal })
  // Opening a pipe waits for its writer, in a thread that not even the end of the process interrupts.
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  return readStream(new Socket({ fd, readable: true, writable: false }), context)
}

async function readStream(stream: Readable, { signal }: Context): Promise<Uint8Array> {
  const stop = () => stream.destroy(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const chunks: Uint8Array[] = []
    for await (const chunk of stream) chunks.push(chunk as Uint8Array)
    return Buffer.concat(chunks)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
