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
  {
    folder: '.venv-vision',
    requirements: 'tooling/python/requirements-vision.txt',
    // All that it needs is listed: a package of it asks for the build of OpenCV that needs a desktop.
    options: ['--no-deps'],
    variable: 'RMQ_PYTHON_VISION',
  },
]

/** What builds the addons that are published; made only for that, as it takes 440 MB. */
export const ZIGLANG = {
  folder: '.venv-ziglang',
  requirements: 'tooling/python/requirements-ziglang.txt',
  variable: 'RMQ_ZIG',
}

/** The Python with robotmq in it, or undefined when there is none yet. */
export function robotmqPython(environment = ENVIRONMENTS[0]) {
  const named = process.env[environment.variable]
  if (named) return named
  const made = path.join(root, environment.folder, 'bin/python')
  return existsSync(made) ? made : undefined
}
