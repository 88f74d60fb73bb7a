import { Command } from 'commander'
import type { Context } from '../context.ts'
import { shmCleanCommand } from './shm-clean.ts'
import { shmListCommand } from './shm-ls.ts'

export function shmCommand(context: Context): Command {
  return new Command('shm')
    .summary('see and clean shared memory: ls, clean')
    .description('Shows what lies in the shared memory of this host (/dev/shm), and removes what nobody holds.')
    .addCommand(shmListCommand(context))
    .addCommand(shmCleanCommand(context))
}
