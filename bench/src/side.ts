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
  | 'crowd'
  | 'raw'
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

/** @param enter the command that runs its processes, such as one that enters another network */
export function ourSide(enter: readonly string[] = []): Side {
  const entry = path.join(benchRoot, 'dist/roles/entry.js')
  return {
    name: 'ours',
    start: (role, env) => start(`our ${role}`, [...enter, process.execPath, entry, role], env),
  }
}

export function pythonSide(python: string, enter: readonly string[] = []): Side {
  const entry = path.join(benchRoot, 'python/role.py')
  return {
    name: 'robotmq',
    start: (role, env) =>
      start(`the original's ${role}`, [...enter, python, entry, role], { PYTHONDONTWRITEBYTECODE: '1', ...env }),
  }
}

function start(label: string, [command, ...args]: readonly string[], env?: NodeJS.ProcessEnv): RoleProcess {
  return new RoleProcess(label, command!, args, env)
}
