import { obey } from './command-lines.ts'
import type { Role } from './role.ts'

async function main(name: string | undefined): Promise<void> {
  const role = await load(name)
  await obey(role.handlers)
  await role.close()
  process.exit()
}

/** A role loads only what it needs: the codec's process opens no socket. */
async function load(name: string | undefined): Promise<Role> {
  switch (name) {
    case 'server':
      return (await import('./server-role.ts')).serverRole()
    case 'client':
      return (await import('./client-role.ts')).clientRole()
    case 'codec':
      return (await import('./codec-role.ts')).codecRole()
    case 'copier':
      return (await import('./copier-role.ts')).copierRole()
    case 'policy-server':
      return (await import('./policy-server-role.ts')).policyServerRole()
    case 'queue':
      return (await import('./queue-role.ts')).queueRole()
    case 'raw':
      return (await import('./raw-role.ts')).rawRole()
    case 'crowd':
      return (await import('./crowd-role.ts')).crowdRole()
    case 'soak-server':
      return (await import('../soak/server-role.ts')).soakServerRole()
    case 'soak-reader':
      return (await import('../soak/reader-role.ts')).soakReaderRole()
    default:
      throw new Error(`There is no role "${name}".`)
  }
}

void main(process.argv[2])
