import type { FollowerCounts, Message } from 'robotmq'

type Place = Pick<Message, 'epoch' | 'sequence' | 'lostBefore'>

/** Holds what a subscription says of lost frames against the numbers that the camera gave them. */
export class FrameAccount {
  #last: { readonly epoch: string; readonly sequence: number; readonly frameId: number } | undefined
  #counted = 0

  /**
   * @param counts of the subscription, this frame included
   * @returns how many frames were lost since the one before, and what is wrong with this one's place, if anything
   */
  add(
    { epoch, sequence, lostBefore }: Place,
    frameId: number,
    { lost }: FollowerCounts,
  ): { readonly lost: number; readonly problem?: string } {
    const last = this.#last
    this.#last = { epoch, sequence, frameId }
    // What a new camera put and lost again before the subscription found it is not the subscription's to count.
    const before = epoch === last?.epoch ? 0 : sequence - 1 - lostBefore
    const since = lost - this.#counted + before
    this.#counted = lost
    // The account begins with the first frame.
    if (last === undefined) return { lost: 0 }
    const follows = epoch === last.epoch ? frameId - last.frameId === sequence - last.sequence : frameId > last.frameId
    if (follows && frameId > last.frameId) return { lost: since }
    return { lost: since, problem: `frame ${frameId} came after frame ${last.frameId}` }
  }
}
