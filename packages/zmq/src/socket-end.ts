import { fstatSync } from 'node:fs'
import { guardExit } from '@rmq/core/thread'
import { type Context, Dealer, type Socket } from 'zeromq'

/** The option that tells the descriptor by which a socket's owner is woken: open until the socket is gone. */
const ZMQ_FD = 14
/** A thread that exits is not held up for longer: a descriptor may be in use again, for another socket. */
const EXIT_WAIT_MS = 3000
/** Nobody is ever there. */
const NOWHERE = 'ipc:///dev/null/nobody'

/**
 * Closes a socket at once, and resolves when ZeroMQ's threads, which take it apart, have nothing of it left: not a
 * message, and not the memory of one.
 */
export async function closeWholly(socket: Socket): Promise<void> {
  const { context } = socket
  await closed(socket)
  await Promise.all(successors(context).map(closed))
}

/** The same where nothing asynchronous runs any more. */
export function closeWhollyNow(socket: Socket): void {
  const { context } = socket
  const wake = wakeOf(socket)
  socket.close()
  waitGone(wake, context)
}

/** Resolves with the last of a socket's events, which tells that it is gone. */
async function closed(socket: Socket): Promise<void> {
  const { events, context } = socket
  const wake = wakeOf(socket)
  socket.close()
  // With nobody there to take its last event ZeroMQ would be stuck: the thread must not end before.
  const unguard = guardExit(() => {
    waitGone(wake, context)
    events.close()
  })
  try {
    while (!events.closed) await events.receive()
  } finally {
    unguard()
  }
}

/**
 * Sockets that end behind the last message of one that is gone. Its connections told it of their end before they freed
 * their messages; but what each of ZeroMQ's I/O threads is asked next waits for that.
 */
function successors(context: Context): Dealer[] {
  return Array.from({ length: context.ioThreads }, (_, thread) => {
    const socket = new Dealer({ context, affinity: 2 ** thread, linger: 0 })
    socket.connect(NOWHERE)
    return socket
  })
}

interface Wake {
  readonly descriptor: number
  readonly file: string
}

function wakeOf(socket: Socket): Wake {
  const untyped = socket as unknown as { getInt32Option(option: number): number }
  const descriptor = untyped.getInt32Option(ZMQ_FD)
  return { descriptor, file: fileOf(descriptor)! }
}

/** What a descriptor stands for; undefined: it is closed. */
function fileOf(descriptor: number): string | undefined {
  try {
    const { dev, ino } = fstatSync(descriptor)
    return `${dev} ${ino}`
  } catch {
    return undefined
  }
}

function waitGone(wake: Wake, context: Context): void {
  const until = performance.now() + EXIT_WAIT_MS
  waitClosed(wake, until)
  for (const socket of successors(context)) {
    const last = wakeOf(socket)
    socket.close()
    waitClosed(last, until)
  }
}

function waitClosed({ descriptor, file }: Wake, untilMs: number): void {
  const never = new Int32Array(new SharedArrayBuffer(4))
  while (fileOf(descriptor) === file && performance.now() < untilMs) Atomics.wait(never, 0, 0, 1)
}
