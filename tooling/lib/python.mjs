import { existsSync } from 'node:fs'
import path from 'node:path'
import { root } from './root.mjs'

/** The virtual environments: where each is, what goes in, and the variable that names a Python to use instead. */
export const ENVIRONMENTS = [
  { folder: '.venv', requirements: 'tooling/python/requirements.txt', variable: 'RMQ_PYTHON' },
  {
    folder: '.venv-robotmq-0.1.14',
    requirements: 'tooling/python/requirements-robotmq-0.1.14.txt',
    variable: 'RMQ_PYTHON_0_1_14',
  },
]

/** The Python with robotmq in it, or undefined when there is none yet. */
export function robotmqPython(environment = ENVIRONMENTS[0]) {
  const named = process.env[environment.variable]
  if (named) return named
  const made = path.join(root, environment.folder, 'bin/python')
  return existsSync(made) ? made : undefined
}
