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
  if (open.closed) return
  if (kind === 'lease') open.native.unlease(slot)
  else open.native.discard(slot)
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

/** As long as somebody sees a record's bytes, its lease is no garbage. */
const holders = new WeakMap<ArrayBufferLike, object>()

export function holdInPlace(holder: object, held: Held): void {
  forgotten.register(holder, held, holder)
}

export function bindBytes(bytes: ArrayBufferLike, holder: object): void {
  holders.set(bytes, holder)
}

export function letGo(holder: object): void {
  forgotten.unregister(holder)
}
