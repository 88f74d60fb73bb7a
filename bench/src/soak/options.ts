import { parseArgs } from 'node:util'
import { Problem } from '../problem.ts'

export interface SoakOptions {
  readonly gigabytes: number
  /** Ends the run even when not everything was put. */
  readonly seconds: number
  readonly help: boolean
}

export const SOAK_USAGE = `Puts camera frames through a topic as fast as it goes and watches the server's memory.

node bench/dist/soak.js [--gigabytes 400] [--seconds N]

  --gigabytes N  how much to put; 100 GB are an hour of 30 frames of 0.92 MB a second, and the first of them fill the pools
  --seconds N    end after so long, whatever was put
`

/** @throws Problem on anything unknown, or not a number above 0 */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        gigabytes: { type: 'string', default: '400' },
        seconds: { type: 'string', default: 'Infinity' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const { gigabytes, seconds, help } = values
    return { gigabytes: positive('--gigabytes', gigabytes), seconds: positive('--seconds', seconds), help }
  } catch (error) {
    throw error instanceof Problem ? error : new Problem(`${(error as Error).message}\n\n${SOAK_USAGE}`)
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (value > 0) return value
  throw new Problem(`${name} must be a number above 0, got "${text}".`)
}
