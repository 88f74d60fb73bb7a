import { readFileSync } from 'node:fs'

/** Names of users by their numbers, as /etc/passwd has them; the number where it does not. */
export function userNames(): (user: number) => string {
  const names = new Map<number, string>()
  for (const line of readPasswd().split('\n')) {
    const [name, , user] = line.split(':')
    if (name && user && !names.has(Number(user))) names.set(Number(user), name)
  }
  return (user) => names.get(user) ?? String(user)
}

function readPasswd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8')
  } catch {
    return ''
  }
}
