import { Child, exitText } from './child-process.ts'
import type { Role } from './roles.ts'

/** A program of the demo did not do what it must. */
export class DemoError extends Error {}

/** All programs that were started: none outlives the demo, and none dies unnoticed. */
export class Crew {
  readonly #children = new Set<Child>()
  readonly #trouble = new AbortController()
  readonly #onExit = () => this.#killAll()

  constructor() {
    process.on('exit', this.#onExit)
  }

  /** Aborted, with a DemoError, when a program ended by itself. */
  get trouble(): AbortSignal {
    return this.#trouble.signal
  }

  start(role: Role): Child {
    const child = new Child(role)
    this.#children.add(child)
    void child.exited.then((exit) => {
      this.#children.delete(child)
      if (child.stopping) return
      this.#trouble.abort(new DemoError(`the ${child.name} ${exitText(exit)} before its time${complaintOf(child)}`))
    })
    return child
  }

  /**
   * Ends programs, one after the other, in this order.
   * @returns what was wrong with how they ended
   */
  async stop(...children: readonly Child[]): Promise<readonly string[]> {
    const problems: string[] = []
    for (const child of children) {
      const alreadyDead = !child.running
      const exit = await child.stop()
      const wasStarting = !child.spoke && exit.signal === 'SIGTERM'
      if (!alreadyDead && !wasStarting && exit.code !== 0) {
        problems.push(`the ${child.name} ${exitText(exit)} when it was to stop${complaintOf(child)}`)
      }
    }
    return problems
  }

  /**
   * kill -9. It is sent at once.
   * @returns once all that it printed was read
   */
  async kill(child: Child): Promise<void> {
    child.kill()
    const exit = await child.exited
    if (exit.signal !== 'SIGKILL') throw new DemoError(`the ${child.name} ${exitText(exit)} before it could be killed`)
  }

  /** Ends whoever still runs, last started first. */
  async close(): Promise<readonly string[]> {
    try {
      return await this.stop(...[...this.#children].reverse())
    } finally {
      process.off('exit', this.#onExit)
    }
  }

  #killAll(): void {
    for (const child of this.#children) child.kill()
  }
}

function complaintOf({ complaint }: Child): string {
  return complaint === '' ? '' : `. Its last words:\n${complaint.replace(/^/gm, '    ')}`
}
