import { Buffer } from 'node:buffer'
import type { Socket } from 'zeromq'

/** Options of ZeroMQ's draft interface, which zeromq.js ships but has no names for. */
export const DraftOption = {
  /** A bound socket delivers this message in the name of a connection that has ended. */
  DISCONNECT_MESSAGE: 111,
  /** A connected socket delivers this message when its connection was lost. */
  HICCUP_MESSAGE: 114,
} as const

/** To be called before the socket is bound or connected. @returns false where the library has no draft interface */
export function setDraftOption(
  socket: Socket,
  option: (typeof DraftOption)[keyof typeof DraftOption],
  value: Uint8Array,
): boolean {
  const untyped = socket as unknown as { setStringOption(option: number, value: Buffer): void }
  try {
    untyped.setStringOption(option, Buffer.from(value))
    return true
  } catch {
    return false
  }
}
