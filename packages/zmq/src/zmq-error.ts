import { RmqError } from '@rmq/core'

/** The code of a system or ZeroMQ error, such as EADDRINUSE. */
export function errorCode(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

/** What kept an endpoint from being bound, in our codes. */
export function bindError(endpoint: string, cause: unknown): RmqError {
  if (RmqError.isInstance(cause)) return cause
  switch (errorCode(cause)) {
    case 'EADDRINUSE':
      return endpointInUse(endpoint, cause)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new RmqError(
        'PERMISSION_DENIED',
        `Endpoint "${endpoint}" cannot be bound: permission denied. Choose a folder that this user may write to, ` +
          'or a port above 1023.',
        { cause },
      )
    case 'ENOTDIR':
    case 'EEXIST':
    case 'ENAMETOOLONG':
      return new RmqError(
        'INVALID_ARGUMENT',
        `Endpoint "${endpoint}" cannot be bound: a part of its path is no folder.`,
        {
          cause,
        },
      )
    case 'EADDRNOTAVAIL':
    case 'ENODEV':
      return new RmqError(
        'INVALID_ARGUMENT',
        `Endpoint "${endpoint}" cannot be bound: this machine has no such address. Use one of its own, 127.0.0.1 or 0.0.0.0.`,
        { cause },
      )
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOSPC':
      return new RmqError('NO_SPACE', `Endpoint "${endpoint}" cannot be bound: too many open files or a full disk.`, {
        cause,
      })
    default:
      return new RmqError('INVALID_ARGUMENT', `Endpoint "${endpoint}" cannot be bound: ${messageOf(cause)}.`, { cause })
  }
}

export function endpointInUse(endpoint: string, cause?: unknown): RmqError {
  return new RmqError(
    'ENDPOINT_IN_USE',
    `Endpoint "${endpoint}" is in use: another server answers there. Stop it, or choose another endpoint.`,
    { cause },
  )
}

/** What kept an endpoint from being connected to, in our codes. */
export function connectError(endpoint: string, cause: unknown): RmqError {
  if (RmqError.isInstance(cause)) return cause
  return new RmqError('INVALID_ARGUMENT', `Endpoint "${endpoint}" cannot be connected to: ${messageOf(cause)}.`, {
    cause,
  })
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
