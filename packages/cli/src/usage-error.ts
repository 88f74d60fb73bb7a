/** The command line asks for something that makes no sense; the message says what to type instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
