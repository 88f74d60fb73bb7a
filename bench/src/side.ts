import path from 'node:path'
import { RoleProcess } from './role-process.ts'
import { benchRoot } from './root.ts'

export type RoleName =
  | 'server'
  | 'client'
  | 'codec'
  | 'copier'
  | 'policy-server'
  | 'policy-client'
  | 'soak-server'
  | 'soak-reader'
  | 'queue'
  | 'publisher'
  | 'subscriber'

/** Who plays in a bench. */
export interface Sides {
  readonly ours: Side
  readonly robotmq: Side
}

/** An implementation under measurement. Its roles obey the same commands as the other side's. */
export interface Side {
  readonly name: string
  start(role: RoleName, env?: NodeJS.ProcessEnv): RoleProcess
}

export function ourSide(): Side {
  const entry = path.join(benchRoot, 'dist/roles/entry.js')
  return {
    name: 'ours',
    start: (role, env) => new RoleProcess(`our ${role}`, process.execPath, [entry, role], env),
  }
}

export function pythonSide(python: string): Side {
  const entry = path.join(benchRoot, 'python/role.py')
  return {
    name: 'robotmq',
    start: (role, env) =>
      new RoleProcess(`the original's ${role}`, python, [entry, role], { PYTHONDONTWRITEBYTECODE: '1', ...env }),
  }
}
