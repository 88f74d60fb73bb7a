import { NDArray, RmqError } from 'robotmq'
import { isRecord } from '../is-record.ts'
import type { Actions } from '../policy-handler.ts'

/** @throws MALFORMED_MESSAGE for anything but a map, or one array alone */
export function toActions(value: unknown): Actions {
  if (value instanceof NDArray) return { actions: value }
  if (isRecord(value)) return value
  throw new RmqError('MALFORMED_MESSAGE', 'The server answered with something that is no map of actions.')
}
