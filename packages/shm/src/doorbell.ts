import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { onExit } from './exit-hook.ts'
import { loadAddon } from './native/addon.ts'
import type { NativeBell } from './native/addon-types.ts'
import { isFailure, openError } from './native-error.ts'
import { SEGMENT_FOLDER } from './segment-path.ts'

/** A writer killed between its put and its ring is made up for this late. More often would cost an idle reader too much. */
const CHECK_MS = 200

/** Who sleeps until a segment changes. */
export interface Sleeper {
  /** Looks at the segment, wakes whom it concerns, and arms the bell again for the rest. */
  look(): void
}

const doorbells = new Map<number | undefined, Doorbell>()

/**
 * The FIFO by which writers of any process wake this environment: one for all topics (one per group where topics belong
 * to groups, since the group must be able to open it). A ring does not say which topic, so every sleeper looks.
 */
export class Doorbell {
  readonly bell: NativeBell
  readonly #group: number | undefined
  readonly #socket: Socket
  readonly #sleepers = new Set<Sleeper>()
  readonly #dropExitHook: () => void
  #users = 0
  #holds = 0
  #timer: NodeJS.Timeout | undefined

  /** The environment's bell; each user must `release` it. @throws NO_SPACE, PERMISSION_DENIED */
  static acquire(group: number | undefined): Doorbell {
    const doorbell = doorbells.get(group) ?? new Doorbell(group)
    doorbells.set(group, doorbell)
    doorbell.#users += 1
    return doorbell
  }

  private constructor(group: number | undefined) {
    const bell = loadAddon().openBell(SEGMENT_FOLDER, group)
    if (isFailure(bell)) throw openError('The doorbell of this process', bell)
    this.bell = bell
    this.#group = group
    // Known to Node, not to its types.
    const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
      fd: bell.detachFd(),
      readable: true,
      writable: false,
      // Rings carry nothing: one small buffer takes them all, and no chunk is made for each.
      onread: {
        buffer: new Uint8Array(512),
        callback: () => {
          this.#look()
          return true
        },
      },
    }
    this.#socket = new Socket(options)
    // Should the FIFO ever fail, the timer still wakes everybody.
    this.#socket.on('error', () => {})
    this.#socket.unref()
    this.#dropExitHook = onExit(() => bell.close())
  }

  release(): void {
    this.#users -= 1
    if (this.#users > 0) return
    doorbells.delete(this.#group)
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#dropExitHook()
    this.bell.close()
    this.#socket.destroy()
  }

  /** From now on the sleeper is asked to look after each ring. */
  add(sleeper: Sleeper): void {
    this.#sleepers.add(sleeper)
    this.#timer ??= setInterval(() => this.#tick(), CHECK_MS).unref()
  }

  remove(sleeper: Sleeper): void {
    // The timer goes at its next tick: a stream that waits for each record would start and stop it each time.
    this.#sleepers.delete(sleeper)
  }

  /** Keeps the event loop alive until as many `letGo`. */
  hold(): void {
    if (this.#holds === 0) this.#socket.ref()
    this.#holds += 1
  }

  letGo(): void {
    this.#holds -= 1
    if (this.#holds === 0) this.#socket.unref()
  }

  #look(): void {
    for (const sleeper of this.#sleepers) sleeper.look()
  }

  #tick(): void {
    if (this.#sleepers.size > 0) {
      this.#look()
    } else {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }
}
