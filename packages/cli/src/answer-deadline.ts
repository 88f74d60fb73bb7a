import { RmqError, type RmqErrorCode } from 'robotmq'
import type { ConnectionOptions } from './connection.ts'

type Call<Result> = (options: { readonly timeoutS: number }) => Promise<Result>

/** How often a call that reads is sent again: after a restart of the server it is then answered soon. */
const RESEND_S = 1

/**
 * Waits for a call that changes nothing on the server.
 * @throws TIMEOUT when it was not answered within `timeout` seconds
 */
export function readWithin<Result>(options: ConnectionOptions, what: string, call: Call<Result>): Promise<Result> {
  const { timeout } = options
  return within(timeout, ['TIMEOUT', `${what}: no answer within ${timeout} s. Is the server running?`], () =>
    call({ timeoutS: Math.min(RESEND_S, timeout) }),
  )
}

/**
 * Waits for a call that has an effect. It is sent again only when the connection was lost, and then runs at most once.
 * @throws OUTCOME_UNKNOWN when it was not answered within `timeout` seconds
 */
export function effectWithin<Result>(options: ConnectionOptions, what: string, call: Call<Result>): Promise<Result> {
  const { timeout } = options
  return within(timeout, ['OUTCOME_UNKNOWN', `${what}: no answer within ${timeout} s. It may have taken effect.`], () =>
    call({ timeoutS: timeout }),
  )
}

/** The call itself goes on until its client is closed: that is soon, since a missed deadline ends the command. */
function within<Result>(timeoutS: number, late: [RmqErrorCode, string], call: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new RmqError(...late)), timeoutS * 1000)
    call()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}
