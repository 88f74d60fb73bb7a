import type { DType } from '../dtype.ts'
import { malformed } from '../errors.ts'
import { NDArray } from '../nd-array.ts'
import { sizeOf } from '../strides.ts'
import { elementType, parseDescr, parseShape, StructType } from '../structured/struct-type.ts'
import { StructuredArray } from '../structured/structured-array.ts'

/** Where the elements came from, of which nothing is known but that it is bytes. */
interface WireArray {
  /** numpy's dtype string, or the list of a structured dtype's fields. */
  readonly type: unknown
  readonly shape: unknown
  readonly data: unknown
  readonly order?: 'C' | 'F'
}

/**
 * The array that a message describes: a window on `data` where alignment and byte order allow.
 *
 * @throws MALFORMED_MESSAGE when numpy could not make one of it
 * @throws UNSAFE_PAYLOAD when its elements would be objects
 */
export function arrayFromWire({ type, shape: axes, data, order = 'C' }: WireArray): NDArray | StructuredArray {
  const shape = parseShape(axes)
  if (!(data instanceof Uint8Array)) throw malformed('the data of an array are no bytes')
  const elements = Array.isArray(type) ? structOrVoid(type) : elementType(type)
  const needed = sizeOf(shape) * elements.itemSize
  if (needed !== data.length) {
    throw malformed(`an array [${shape.join(', ')}] of ${elements} takes ${needed} bytes, but there are ${data.length}`)
  }
  if (!(elements instanceof StructType)) return NDArray.fromBytes(data, elements, shape, { order })
  return new StructuredArray(elements, shape, order === 'C' ? data : toCOrder(data, elements, shape))
}

function toCOrder(data: Uint8Array, { itemSize }: StructType, shape: readonly number[]): Uint8Array {
  const records = NDArray.fromBytes(data, `V${itemSize}`, shape, { order: 'F' })
  return records.toBytes()
}

/** numpy lists a dtype of raw bytes, `V3`, as one field without a name. */
function structOrVoid(list: readonly unknown[]): DType | StructType {
  const descr = parseDescr(list)
  const [name, type, shape] = descr[0] ?? []
  const isVoid = descr.length === 1 && name === '' && shape === undefined && /^\|?V\d+$/.test(String(type))
  return isVoid ? elementType(type) : new StructType(descr)
}
