const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface StopSignal {
  /** Aborted when the program shall end. */
  readonly signal: AbortSignal
  /** Ends the program from inside. */
  stop(): void
  dispose(): void
}

/**
 * Turns Ctrl-C and its relatives into one AbortSignal.
 * @param options.untilStdinCloses also ends with whoever holds the other end of stdin: that notices even a parent's kill -9
 */
export function stopSignal(options: { readonly untilStdinCloses?: boolean } = {}): StopSignal {
  const controller = new AbortController()
  const stop = () => controller.abort(new Error('stopped'))
  for (const name of SIGNALS) process.on(name, stop)
  // Whoever read our output is gone: there is nobody left to work for.
  process.stdout.on('error', stop)
  if (options.untilStdinCloses) process.stdin.on('close', stop).on('error', stop).resume()
  return {
    signal: controller.signal,
    stop,
    dispose() {
      for (const name of SIGNALS) process.off(name, stop)
      if (options.untilStdinCloses) process.stdin.off('close', stop).destroy()
    },
  }
}
