import { userInfo } from 'node:os'

/** The user's name as the original robotmq writes it into the names of its files: the number where there is no name. */
export function robotmqUser(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? '')
  }
}
