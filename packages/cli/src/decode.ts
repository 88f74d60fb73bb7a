import { deserialize, type Message } from 'robotmq'

export type Decoded = { readonly value: unknown } | { readonly problem: string }

/** The value that was serialized into a record, or why there is none. */
export function decode({ topic, sequence, data }: Message): Decoded {
  try {
    return { value: deserialize(data) }
  } catch (error) {
    const which = Number.isNaN(sequence) ? 'A record' : `Record ${sequence}`
    return { problem: `${which} of topic "${topic}" cannot be decoded: ${(error as Error).message}` }
  }
}
