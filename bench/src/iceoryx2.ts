import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { RoleProcess } from './role-process.ts'
import { benchRoot } from './root.ts'
import type { Side } from './side.ts'
import { Skip } from './skip.ts'
import type { Stage } from './stage.ts'

const CRATE = path.join(benchRoot, 'iceoryx2')

/**
 * The roles `publisher` and `subscriber` on iceoryx2, built first where they are not yet.
 * @throws Skip without cargo, or where it cannot build them
 */
export async function iceoryx2Side(stage: Stage): Promise<Side> {
  const manifest = path.join(CRATE, 'Cargo.toml')
  const target = path.join(CRATE, 'target')
  try {
    const args = ['build', '--release', '--locked', '--quiet', '--manifest-path', manifest, '--target-dir', target]
    await stage.output(cargo(), args)
  } catch (error) {
    throw new Skip(`iceoryx2 cannot be built: ${lastLines((error as Error).message)}`)
  }
  const program = path.join(target, 'release/iceoryx2-roles')
  return { name: 'iceoryx2', start: (role) => new RoleProcess(`iceoryx2's ${role}`, program, [role]) }
}

function cargo(): string {
  const own = path.join(homedir(), '.cargo/bin/cargo')
  return existsSync(own) ? own : 'cargo'
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join(' ')
}
