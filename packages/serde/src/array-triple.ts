import { parseDType } from './dtype-parse.ts'
import { NDArray } from './nd-array.ts'
import { PyTuple } from './pickle-values.ts'
import { fitShape } from './strides.ts'

/** robotmq looks no further than this at a string that might be a dtype (0.1.16, `utils.py`). */
const MAX_DTYPE_LENGTH = 16
/** numpy's limit on the number of axes. */
const MAX_AXES = 64

/**
 * robotmq sends an array as the tuple (bytes, dtype string, shape), and any such tuple is an array if numpy can build
 * it: `numpy.frombuffer(bytes, dtype).reshape(shape)`. A program that sends such a tuple and means a tuple gets an
 * array too; that lies in the format. One length of the shape may be negative: what is left.
 *
 * @returns undefined when it stays a tuple
 */
export function arrayFromTriple({ items }: PyTuple): NDArray | undefined {
  if (items.length !== 3) return undefined
  const [bytes, text, shape] = items
  if (!(bytes instanceof Uint8Array && typeof text === 'string' && shape instanceof PyTuple)) return undefined
  if (text.length > MAX_DTYPE_LENGTH || shape.items.length > MAX_AXES) return undefined
  if (!shape.items.every((length) => Number.isSafeInteger(length))) return undefined
  const type = parseDType(text)
  if (type === undefined || type.itemSize === 0 || bytes.length % type.itemSize !== 0) return undefined
  const fitted = fitShape(shape.items as readonly number[], bytes.length / type.itemSize)
  return fitted === undefined ? undefined : NDArray.fromBytes(bytes, type, fitted)
}
