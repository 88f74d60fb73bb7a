import { parseArgs } from 'node:util'
import { Problem } from './problem.ts'

export interface Options {
  readonly quick: boolean
  /** Where to write the figures for other programs. */
  readonly json?: string
  /** Only benches whose name contains one of these. */
  readonly only: readonly string[]
  readonly list: boolean
  readonly help: boolean
}

export const USAGE = `Measures robotmq for TypeScript beside the original, in turns.

npm run bench -- [--quick] [--only NAME]... [--json FILE] [--list]

  --quick      few rounds, within three minutes; the saved results stay as they are
  --only NAME  only benches whose name contains NAME; may be given more than once
  --json FILE  also write [{name, unit, ours, peer, peerName, ratio}]; a ratio above 1 means that ours is better
  --list       the names of the benches
`

/** @throws Problem on anything unknown */
export function parseOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        only: { type: 'string', multiple: true, default: [] },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const { json, ...rest } = values
    return { ...rest, ...(json !== undefined && { json }) }
  } catch (error) {
    throw new Problem(`${(error as Error).message}\n\n${USAGE}`)
  }
}
