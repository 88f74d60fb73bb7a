import { RmqError } from './errors.ts'
import type { Unanswered } from './resend.ts'

/** A call that is given up. */
export interface UnansweredCall {
  readonly op: string
  readonly topic: string
  /** Seconds that it was waited for. */
  readonly withinS: number
  readonly why: Unanswered
  /** It has an effect. */
  readonly once: boolean
  /** A second one would have it again: the server does not know resends. */
  readonly unsafe: boolean
}

/** What to tell the caller: of a call with an effect, whether it took effect, as far as that is known. */
export function unanswered({ op, topic, withinS, why, once, unsafe }: UnansweredCall): RmqError {
  const call = `${op} on "${topic}"`
  if (once && why === 'unsent') {
    return new RmqError('DISCONNECTED', `${call} was not sent: the server was not reached within ${withinS} s.`)
  }
  if (once && why === 'lost') {
    const text = `The connection was lost before ${call} was answered: it may have taken effect.`
    return new RmqError('OUTCOME_UNKNOWN', text)
  }
  if (unsafe)
    return new RmqError('OUTCOME_UNKNOWN', `No answer to ${call} within ${withinS} s: it may have taken effect.`)
  return new RmqError('TIMEOUT', `No answer to ${call} within ${withinS} s: is the server running?`)
}
