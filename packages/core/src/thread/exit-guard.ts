import { BroadcastChannel, isMainThread, receiveMessageOnPort } from 'node:worker_threads'

/** How long the main thread waits at exit for the sockets of its worker threads. */
const EXIT_WAIT_MS = 1000

const live = new Set<() => void>()

/**
 * Runs `closeNow` when this thread exits, or the main thread does while this one runs. A thread that is torn down while
 * a ZeroMQ socket waits for a frame aborts the whole process, so its sockets must be closed first; nothing asynchronous
 * runs any more at exit. Nobody can be told of `worker.terminate()`.
 * @returns a function that ends the guard
 */
export function guardExit(closeNow: () => void): () => void {
  if (live.size === 0) process.on('exit', closeAll)
  live.add(closeNow)
  followMainThread()
  return () => {
    live.delete(closeNow)
    if (live.size === 0) process.off('exit', closeAll)
  }
}

function closeAll(): void {
  for (const closeNow of [...live]) closeNow()
}

type Word = { readonly guarded: SharedArrayBuffer } | 'who is guarded?' | 'exit'

/** The main thread's exit ends worker threads without a word to them: it tells them first, if it has this module. */
const channel = new BroadcastChannel('robotmq exit guard')
channel.unref()

if (isMainThread) {
  const guarded = new Set<Int32Array>()
  const hear = (word: Word) => {
    if (typeof word === 'object') guarded.add(new Int32Array(word.guarded))
  }
  channel.onmessage = (event) => hear((event as { data: Word }).data)
  channel.postMessage('who is guarded?' satisfies Word)
  process.on('exit', () => {
    for (let next = receive(); next !== undefined; next = receive()) hear(next.message)
    if (guarded.size > 0) channel.postMessage('exit' satisfies Word)
    for (const closed of guarded) Atomics.wait(closed, 0, 0, EXIT_WAIT_MS)
  })
}

let following = false

function followMainThread(): void {
  if (isMainThread || following) return
  following = true
  const closed = new Int32Array(new SharedArrayBuffer(4))
  const end = () => {
    closeAll()
    Atomics.store(closed, 0, 1)
    Atomics.notify(closed, 0)
  }
  const introduce = () => channel.postMessage({ guarded: closed.buffer } satisfies Word)
  channel.onmessage = (event) => {
    const { data: word } = event as { data: Word }
    if (word === 'who is guarded?') introduce()
    else if (word === 'exit') end()
  }
  process.on('exit', end)
  introduce()
}

function receive(): { readonly message: Word } | undefined {
  return receiveMessageOnPort(channel as never)
}
