import { formatBytes } from '../units.ts'
import type { Facts } from './facts.ts'
import { type Finding, ok, warn } from './finding.ts'

/** A client of a dozen topics, its sockets, and what Node.js needs itself. */
const FEW_FILES = 256

/** Limits of this shell's processes (ulimit). */
export function limitFindings({ limits }: Facts): Finding[] {
  const { openFiles, fileBytes, addressBytes, lockedBytes } = limits
  return [
    ...told(openFiles, (value) =>
      value < FEW_FILES
        ? warn(
            'ulimit-nofile',
            `only ${value} open files: each topic and connection takes some`,
            'Run `ulimit -n 4096`.',
          )
        : ok('ulimit-nofile', `${value === Number.POSITIVE_INFINITY ? 'any number of' : value} open files`),
    ),
    ...told(fileBytes, (value) =>
      value === Number.POSITIVE_INFINITY
        ? ok('ulimit-fsize', 'files, and so topics, of any size')
        : warn('ulimit-fsize', `no topic can be larger than ${formatBytes(value)}`, 'Run `ulimit -f unlimited`.'),
    ),
    ...told(addressBytes, (value) =>
      value === Number.POSITIVE_INFINITY
        ? ok('ulimit-as', 'an address space without limit')
        : warn('ulimit-as', `all topics together can map ${formatBytes(value)} at most`, 'Run `ulimit -v unlimited`.'),
    ),
    ...told(lockedBytes, () => ok('ulimit-memlock', 'locked memory: robotmq locks none, any limit will do')),
  ]
}

function told(value: number | undefined, finding: (value: number) => Finding): Finding[] {
  return value === undefined ? [] : [finding(value)]
}
