import { unzipSync } from 'fflate'
import { invalidArgument, malformed, RmqError } from '../errors.ts'
import type { NDArray } from '../nd-array.ts'
import { atPath } from '../refusal.ts'
import type { StructuredArray } from '../structured/structured-array.ts'
import { readNpy } from './read-npy.ts'

export interface ReadNpzOptions {
  /**
   * Bytes of all arrays together, unpacked.
   *
   * @default 1_073_741_824
   */
  readonly maxBytes?: number
}

/** Deflate makes no more of a byte. */
const MOST_FROM_ONE_BYTE = 1032

/**
 * The arrays of a `.npz` file by name, as `numpy.savez` and `numpy.savez_compressed` write them.
 *
 * @throws MALFORMED_MESSAGE when it is damaged, or its arrays are larger than `maxBytes`
 * @throws UNSAFE_PAYLOAD with the name of the array, when one holds Python objects, which are pickled
 */
export function readNpz(
  bytes: Uint8Array,
  { maxBytes = 2 ** 30 }: ReadNpzOptions = {},
): { [name: string]: NDArray | StructuredArray } {
  if (!(bytes instanceof Uint8Array)) throw invalidArgument('readNpz takes the bytes of a .npz file, a Uint8Array')
  // A name may be __proto__.
  return Object.fromEntries(
    Object.entries(unpack(bytes, maxBytes)).map(([file, content]) => {
      const name = file.replace(/\.npy$/, '')
      try {
        return [name, readNpy(content)]
      } catch (error) {
        throw atPath([name], error)
      }
    }),
  )
}

function unpack(bytes: Uint8Array, maxBytes: number): { [file: string]: Uint8Array } {
  let total = 0
  try {
    return unzipSync(bytes, {
      // What a file claims to unpack to is allocated at once.
      filter: ({ name, size, originalSize }) => {
        total += originalSize
        if (total > maxBytes) throw malformed(`the arrays of a .npz file are larger than ${maxBytes} bytes`)
        if (size > bytes.length || originalSize > size * MOST_FROM_ONE_BYTE) {
          throw malformed(`${name} in a .npz file claims to be larger than it can be`)
        }
        return true
      },
    })
  } catch (error) {
    if (RmqError.isInstance(error)) throw error
    throw malformed(`a .npz file is damaged: ${(error as Error).message}`, error)
  }
}
