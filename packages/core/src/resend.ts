import { Cancellation } from './cancellation.ts'
import type { Command, ReplyTo } from './command.ts'
import { RmqError } from './errors.ts'
import { timerMs } from './timer.ts'
import type { Link } from './transport.ts'

export interface LinkWatcher {
  reconnected(): void
  disconnected(): void
  closed(error: RmqError): void
}

/**
 * What is known of a call that is given up. `unsent`: there was no connection. `lost`: it was sent, and the connection
 * was lost. `silent`: it was sent, and no answer came in time.
 */
export type Unanswered = 'unsent' | 'lost' | 'silent'

export interface ResendPolicy {
  /** Seconds between sends. */
  readonly timeoutS: number
  /** False: fail after the first `timeoutS` without an answer; a call with an effect also when the connection is lost before. */
  readonly automaticResend: boolean
  /** Seconds in all, after which the call fails. @default none */
  readonly deadlineS?: number | undefined
  readonly signal: AbortSignal | undefined
  /** The call has an effect, so that a run of the server other than the first it was sent to must not get it. */
  readonly once: boolean
  readonly onRetry: () => void
  /** Tells of the connection until the returned function is called. */
  readonly watch: (watcher: LinkWatcher) => () => void
  /** What to fail with. @param withinS the seconds that it was waited for */
  readonly unanswered: (why: Unanswered, withinS: number) => RmqError
}

/**
 * Sends a command until it is answered. Every send stays open: a slow answer to the first is as good as one to the last.
 * @param make called once, with the run of the server that the command is first sent to
 */
export function callWithResend<C extends Command>(
  link: Link,
  make: (server: string) => C,
  policy: ResendPolicy,
): Promise<ReplyTo<C>> {
  const { signal } = policy
  if (signal?.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const abandoned = new Cancellation()
    let first: { readonly command: C; readonly server: string } | undefined
    let gettingReady = false
    let settled = false
    /** The connection was lost since the last send. */
    let lost = false

    const finish = () => {
      settled = true
      clearInterval(timer)
      clearTimeout(overdue)
      stopWatching()
      signal?.removeEventListener('abort', onAbort)
    }
    const fail = (error: unknown) => {
      if (settled) return
      finish()
      reject(error)
      abandoned.cancel(ABANDONED)
    }
    const succeed = (reply: ReplyTo<C>) => {
      if (settled) return
      finish()
      resolve(reply)
      abandoned.cancel(ABANDONED)
    }
    const giveUp = (withinS: number) =>
      fail(policy.unanswered(first === undefined ? 'unsent' : lost ? 'lost' : 'silent', withinS))
    const onAbort = () => fail(signal?.reason)

    const send = async () => {
      if (gettingReady) return
      gettingReady = true
      try {
        await link.ready({ signal: abandoned })
        gettingReady = false
        first ??= { command: make(link.server), server: link.server }
        if (policy.once && first.server !== link.server) throw restarted()
        lost = false
        succeed(await link.call(first.command, { signal: abandoned }))
      } catch (error) {
        fail(error)
      }
    }
    const timer = setInterval(() => {
      if (!policy.automaticResend) return giveUp(policy.timeoutS)
      policy.onRetry()
      void send()
    }, timerMs(policy.timeoutS))
    const { deadlineS } = policy
    const overdue = deadlineS === undefined ? undefined : setTimeout(() => giveUp(deadlineS), timerMs(deadlineS))
    const stopWatching = policy.watch({
      reconnected: () => {
        if (policy.automaticResend && first !== undefined) void send()
      },
      disconnected: () => {
        lost = first !== undefined
        // A call without an effect may still be answered: the server can be back within its time.
        if (!policy.automaticResend && policy.once && lost) giveUp(policy.timeoutS)
      },
      closed: fail,
    })
    signal?.addEventListener('abort', onAbort, { once: true })
    void send()
  })
}

/** Why the link drops what nobody waits for. */
const ABANDONED = 'abandoned'

function restarted(): RmqError {
  return new RmqError(
    'OUTCOME_UNKNOWN',
    'The server was restarted before it answered: whether the earlier run executed this call is not known.',
  )
}
