import { parseArgs } from 'node:util'
import { Problem } from '../problem.ts'

export interface NetworkOptions {
  /** How long each side is measured over each link. */
  readonly seconds: number
  /** Only links whose name contains one of these. */
  readonly only: readonly string[]
  readonly help: boolean
}

export const DEFAULT_SECONDS: number = 12

export const NETWORK_USAGE: string = `Measures camera, joints and requests at once over bad links, ours beside the original.

npm run bench:network -- [--seconds ${DEFAULT_SECONDS}] [--only NAME]...

  --seconds N  how long each side is measured over each link, at least 6
  --only NAME  only links whose name contains NAME, such as 50; "crowd" for the stopped subscriber; may be given more than once

A full run with the default length writes its table into docs/network.md.
`

/** @throws Problem on anything unknown */
export function parseNetworkOptions(args: readonly string[]): NetworkOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seconds: { type: 'string', default: `${DEFAULT_SECONDS}` },
        only: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const seconds = Number(values.seconds)
    if (!(Number.isInteger(seconds) && seconds >= 6)) {
      throw new Problem(`--seconds must be a whole number of at least 6, got "${values.seconds}".`)
    }
    return { ...values, seconds }
  } catch (error) {
    throw error instanceof Problem ? error : new Problem(`${(error as Error).message}\n\n${NETWORK_USAGE}`)
  }
}
