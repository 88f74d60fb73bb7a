import { isRecord } from './is-record.ts'

/** What openpi's clients send in the place of an observation when an episode begins. */
export const RESET_REQUEST = { endpoint: 'reset' } as const

export function isResetRequest(value: unknown): boolean {
  return isRecord(value) && value['endpoint'] === RESET_REQUEST.endpoint
}

/** The answer to a reset. */
export const RESET_ANSWER = { status: 'reset' } as const
