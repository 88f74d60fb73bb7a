import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the bench package, from its built files. */
export const benchRoot: string = fileURLToPath(new URL('..', import.meta.url))

export const repositoryRoot: string = path.join(benchRoot, '..')
