const TICK_MS = 250

/** What is done for a topic four times a second, by the environments of its server. */
export interface Chore {
  /** @param turn counts the ticks */
  tick(turn: number): void
}

const chores = new Set<Chore>()
let timer: NodeJS.Timeout | undefined
let turn = 0

/** One timer serves all topics, and keeps no process alive. */
export function keepHouse(chore: Chore): void {
  chores.add(chore)
  timer ??= setInterval(() => {
    turn += 1
    for (const each of chores) each.tick(turn)
  }, TICK_MS).unref()
}

export function stopKeepingHouse(chore: Chore): void {
  chores.delete(chore)
  if (chores.size > 0) return
  clearInterval(timer)
  timer = undefined
}
