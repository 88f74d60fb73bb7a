export interface CallOptions {
  /** Seconds without an answer before the call is sent again. @default 1 */
  readonly timeoutS?: number
  /**
   * Send again every `timeoutS` until answered; false fails after the first with TIMEOUT. A put, pop or request then tells
   * what is known: DISCONNECTED when there was no connection to send it on, OUTCOME_UNKNOWN when that was lost behind it.
   * Harmless: a call runs at most once. @default true; false for `putData` and `popData` towards an original robotmq server, which would run them twice
   */
  readonly automaticResend?: boolean
  /** Aborts the call: it rejects with the signal's reason, and the handler of a request is told by its own signal. */
  readonly signal?: AbortSignal
}

export interface PeekOptions extends CallOptions {
  /**
   * For `n` of 1 or -1: a buffer of yours to copy the payload into; `data` is then its beginning. Fresh memory costs
   * several times the copy.
   */
  readonly into?: Uint8Array
  /** Seconds: where the newest record read is older, as its `ageS()` tells, or there is none, the call fails with STALE. */
  readonly maxAgeS?: number
}

export interface PeekAtOptions extends CallOptions {
  /** Seconds that the record may be from the time asked for. @default any */
  readonly toleranceS?: number
}

export interface PeekAlignedOptions extends CallOptions {
  /** Seconds that each record may be from the moment. */
  readonly toleranceS: number
  /** The moment, on the steady clock of the server's host. @default the latest one that every topic has a record of */
  readonly timeS?: number
  /** Seconds: where one of the records was put longer ago, the call fails with STALE. @default any age */
  readonly maxAgeS?: number
}

export interface RequestOptions extends CallOptions {
  /**
   * Seconds in all, resends included, after which the call fails with TIMEOUT (or DISCONNECTED, OUTCOME_UNKNOWN: see
   * `automaticResend`). The server is told: it does not begin a request whose deadline has passed, and aborts the
   * signal of a handler that runs then. @default none
   */
  readonly deadlineS?: number
  /**
   * A newer request of this client on the topic, made with this too, takes the place of this one as long as no handler
   * has it: this one then fails with SUPERSEDED. So one is with a handler at most, and only the newest waits. @default false
   */
  readonly supersede?: boolean
}

export interface ClientPutOptions extends CallOptions {
  /** When the sensor saw it: seconds on the steady clock of the server's host. */
  readonly captureTimeS?: number
}
