/** How much a server or client tells. Values are robotmq's own. */
export const RMQLogLevel = { TRACE: 0, DEBUG: 1, INFO: 2, WARNING: 3, ERROR: 4, CRITICAL: 5, OFF: 6 } as const
export type RMQLogLevel = (typeof RMQLogLevel)[keyof typeof RMQLogLevel]

export interface Logger {
  debug(text: string): void
  info(text: string): void
  warn(text: string): void
  error(text: string): void
}

/**
 * A logger that prefixes each line with its level and the speaker's name, on stderr.
 * @param name who speaks, such as `server camera`
 * @param level the least level that is told. @default RMQLogLevel.INFO
 */
export function createLogger(name: string, level: RMQLogLevel = RMQLogLevel.INFO): Logger {
  const at = (lineLevel: RMQLogLevel, label: string) =>
    lineLevel < level ? () => {} : (text: string) => console.error(`[robotmq ${label}] ${name}: ${text}`)
  return {
    debug: at(RMQLogLevel.DEBUG, 'debug'),
    info: at(RMQLogLevel.INFO, 'info'),
    warn: at(RMQLogLevel.WARNING, 'warning'),
    error: at(RMQLogLevel.ERROR, 'error'),
  }
}
