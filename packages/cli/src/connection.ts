import { Option } from 'commander'
import { RMQClient } from 'robotmq'
import type { Context } from './context.ts'
import { type ClientKeyOptions, clientSecurity } from './key-options.ts'
import { seconds } from './option-values.ts'

export interface ConnectionOptions extends ClientKeyOptions {
  /** Seconds to wait for the server: until it is met, and then for each answer. */
  readonly timeout: number
}

export function timeoutOption(): Option {
  return new Option('--timeout <s>', 'seconds to wait for the server, and for each of its answers')
    .argParser(seconds)
    .default(5)
}

/** What is being answered when the command is interrupted may still come in: then it is known that it took effect. */
const GRACE_MS = 200

/** A client for as long as `use` runs. An interruption ends whatever it waits for. */
export async function withClient<Result>(
  context: Context,
  endpoint: string,
  options: ConnectionOptions,
  use: (client: RMQClient) => Promise<Result>,
): Promise<Result> {
  const { signal } = context
  const security = clientSecurity(options)
  try {
    const client = await RMQClient.connect('rmq', endpoint, { timeoutS: options.timeout, signal, ...security })
    let grace: NodeJS.Timeout | undefined
    const closeSoon = () => {
      grace = setTimeout(() => void client.close(), GRACE_MS)
    }
    signal.addEventListener('abort', closeSoon, { once: true })
    try {
      signal.throwIfAborted()
      return await use(client)
    } finally {
      signal.removeEventListener('abort', closeSoon)
      clearTimeout(grace)
      await client.close()
    }
  } catch (error) {
    // What the closing did to a call is not the reason.
    signal.throwIfAborted()
    throw error
  }
}
