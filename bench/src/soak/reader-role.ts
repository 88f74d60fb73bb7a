import { RMQClient, RMQLogLevel } from 'robotmq'
import type { Role } from '../roles/role.ts'
import { readStamp } from './frame.ts'
import { Histogram } from './histogram.ts'

/** What the reader tells of its work so far. */
export interface ReaderProgress {
  readonly peeks: number
  /** Frames that were not all of one put. */
  readonly torn: number
  /** Frames older than one that was read before. */
  readonly backwards: number
  readonly p50Ns: number
  readonly p99Ns: number
}

/** Peeks at the newest frame again and again, and looks at what it got. */
export function soakReaderRole(): Role {
  let client: RMQClient | undefined
  let stopped = false
  const took = new Histogram()
  let torn = 0
  let backwards = 0
  return {
    close: async () => {
      stopped = true
      await client?.close()
    },
    handlers: {
      start: async ({ endpoint }: { endpoint: string }) => {
        client = await RMQClient.connect('soak', endpoint, { logLevel: RMQLogLevel.OFF })
        void read(client)
      },
      progress: (): ReaderProgress => ({
        peeks: took.total,
        torn,
        backwards,
        p50Ns: took.quantile(0.5),
        p99Ns: took.quantile(0.99),
      }),
    },
  }

  async function read(from: RMQClient): Promise<void> {
    let newest = 0
    while (!stopped) {
      const started = process.hrtime.bigint()
      const [message] = await from.peekData('camera', -1, { timeoutS: 10 })
      if (message === undefined) continue
      took.add(Number(process.hrtime.bigint() - started))
      const number = readStamp(message.data)
      if (number === undefined) torn++
      else if (number < newest) backwards++
      else newest = number
    }
  }
}
