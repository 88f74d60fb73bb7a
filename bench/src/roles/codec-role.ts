import { pack, unpack } from 'msgpackr'
import { type CodecName, codecs } from 'robotmq'
import type { Plan } from '../plan.ts'
import { measure } from './measure.ts'
import { sampleValue, type ValueName } from './observation.ts'
import type { Role } from './role.ts'

interface Task {
  readonly codec: CodecName
  readonly value: ValueName
  readonly plan: Plan
}

/** The codecs alone, in one process. */
export function codecRole(): Role {
  return {
    close: async () => {},
    handlers: {
      bytes: ({ codec, value }: Task) => codecs[codec].byteLengthOf(sampleValue(value)),
      /** Into new memory. */
      measureEncode: ({ codec, value: name, plan }: Task) => {
        const value = sampleValue(name)
        return measure(() => codecs[codec].encode(value), plan)
      },
      /** Into the same memory each time. */
      measureEncodeInto: ({ codec, value: name, plan }: Task) => {
        const value = sampleValue(name)
        const memory = new Uint8Array(codecs[codec].byteLengthOf(value))
        return measure(() => codecs[codec].encodeInto(value, memory), plan)
      },
      measureDecode: ({ codec, value, plan }: Task) => {
        const bytes = codecs[codec].encode(sampleValue(value))
        return measure(() => codecs[codec].decode(bytes), plan)
      },
      /** Both, as a program that sends from new memory does. */
      measureBoth: ({ codec, value: name, plan }: Task) => {
        const value = sampleValue(name)
        return measure(() => codecs[codec].decode(codecs[codec].encode(value)), plan)
      },
      /** Both, as a program that keeps its memory does. */
      measureBothInto: ({ codec, value: name, plan }: Task) => {
        const value = sampleValue(name)
        const memory = new Uint8Array(codecs[codec].byteLengthOf(value))
        return measure(() => codecs[codec].decode(codecs[codec].encodeInto(value, memory)), plan)
      },
      measureMsgpackr: ({ value: name, plan }: Task) => {
        const value = sampleValue(name)
        return measure(() => unpack(pack(value)), plan)
      },
      /** One copy of as many bytes into memory in use. */
      measureCopy: ({ bytes, plan }: { bytes: number; plan: Plan }) => {
        const [from, to] = [new Uint8Array(bytes).fill(1), new Uint8Array(bytes).fill(1)]
        return measure(() => to.set(from), plan)
      },
      /** One copy of as many bytes into new memory. */
      measureFreshCopy: ({ bytes, plan }: { bytes: number; plan: Plan }) => {
        const from = new Uint8Array(bytes).fill(1)
        return measure(() => Buffer.allocUnsafeSlow(bytes).set(from), plan)
      },
    },
  }
}
