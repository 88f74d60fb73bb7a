import type { OpenSegment } from './open-segment.ts'

/** A record or a room that this process holds in a segment. */
interface Held {
  readonly open: OpenSegment
  readonly slot: number
  readonly kind: 'lease' | 'loan'
}

let warned = false

/** Gives back what was forgotten, so that a leak costs time instead of the topic. */
const forgotten = new FinalizationRegistry<Held>(({ open, slot, kind }) => {
  if (kind === 'loan') {
    open.native.discard(slot)
  } else {
    open.native.unlease(slot)
    open.letGo()
  }
  if (warned) return
  warned = true
  process.emitWarning(
    kind === 'lease'
      ? 'A view of a shared memory topic was dropped without release(): its memory stays in use until the garbage ' +
          'collector finds it. Call release() or declare it with `using`.'
      : 'A loan of a shared memory topic was dropped without commit() or discard(): its memory stays in use until the ' +
          'garbage collector finds it.',
  )
})

const HOLDER: unique symbol = Symbol('holder')

export function holdInPlace(holder: object, held: Held): void {
  forgotten.register(holder, held, holder)
}

/** As long as somebody sees the bytes, their holder is no garbage. (A WeakMap costs as much as all the rest of a lease.) */
export function bindBytes(bytes: ArrayBuffer & { [HOLDER]?: object }, holder: object): void {
  bytes[HOLDER] = holder
}

export function letGo(holder: object): void {
  forgotten.unregister(holder)
}
