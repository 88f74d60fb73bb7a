import type { RoleProcess } from '../../role-process.ts'
import type { Side } from '../../side.ts'
import { Skip } from '../../skip.ts'
import type { Stage } from '../../stage.ts'

export const ITEM_BYTES = 64
/** zeroq takes powers of two only. */
const CAPACITY = 1024

/** Who puts and who takes, in two processes. */
export interface Ends {
  readonly putter: RoleProcess
  readonly taker: RoleProcess
}

let queues = 0

/** @throws Skip without zeroq */
export async function openQueue(stage: Stage, side: Side): Promise<Ends> {
  const [putter, taker] = [stage.start(side, 'queue'), stage.start(side, 'queue')]
  const queue = { name: `${stage.prefix}${queues++}`, capacity: CAPACITY, bytes: ITEM_BYTES }
  try {
    for (const end of [putter, taker]) await end.ask('open', queue)
  } catch (error) {
    if (!String(error).includes("No module named 'zeroq'")) throw error
    throw new Skip('zeroq is not there. Run: .venv/bin/python -m pip install zeroq==0.1.0')
  }
  return { putter, taker }
}
