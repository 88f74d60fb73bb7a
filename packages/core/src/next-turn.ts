type Schedule = (run: () => void) => unknown

const { setImmediate } = globalThis as { setImmediate?: Schedule }

/** Runs a function once the events that wait now have been handled. */
export const nextTurn: Schedule = setImmediate ?? ((run) => setTimeout(run, 0))
