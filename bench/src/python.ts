import { existsSync } from 'node:fs'
import path from 'node:path'
import { Problem } from './problem.ts'
import { repositoryRoot } from './root.ts'

/**
 * The Python that has the original robotmq: `RMQ_PYTHON`, or the repository's own environment.
 * @throws Problem that tells how to get one
 */
export function robotmqPython(): string {
  const named = process.env['RMQ_PYTHON']
  const python = named || path.join(repositoryRoot, '.venv/bin/python')
  if (existsSync(python)) return python
  throw new Problem(
    named
      ? `RMQ_PYTHON names ${named}, which is not there. Unset it and run: npm run venv`
      : 'The original robotmq is measured beside ours, and there is no Python with it yet. Run: npm run venv',
  )
}
