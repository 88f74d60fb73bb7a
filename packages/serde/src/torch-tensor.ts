import { Bfloat16Array } from './bfloat16.ts'
import { NUMERIC_DTYPES, type NumericDTypeName } from './dtype.ts'
import { invalidArgument, malformed } from './errors.ts'
import { NDArray } from './nd-array.ts'
import { checkShape, sizeOf } from './strides.ts'

/** The key that marks a dictionary as a torch tensor (robotmq 0.1.16, `utils.py`). */
export const TENSOR_TAG = '__robotmq_torch_tensor__'

/** Bytes an element of torch's dtypes that numpy lacks, by torch's names. */
const TORCH_ONLY: { readonly [dtype: string]: number } = {
  bfloat16: 2,
  complex32: 4,
  float8_e4m3fn: 1,
  float8_e4m3fnuz: 1,
  float8_e5m2: 1,
  float8_e5m2fnuz: 1,
  float8_e8m0fnu: 1,
}

/** A torch tensor as it travels: torch's own dtype names (`bfloat16`), C order, little endian. */
export class TorchTensor {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data: Uint8Array

  /**
   * @param dtype torch's name for it, without `torch.`
   * @param data the elements in C order; their number is the product of `shape`
   * @throws INVALID_ARGUMENT when the dtype is unknown or the lengths do not fit
   */
  constructor(dtype: string, shape: readonly number[], data: Uint8Array) {
    const itemSize = itemSizeOf(dtype)
    if (itemSize === undefined) throw invalidArgument(`'${dtype}' is not a torch dtype that can travel`)
    checkShape(shape)
    if (sizeOf(shape) * itemSize !== data.length) {
      throw invalidArgument(`a ${dtype} tensor [${shape.join(', ')}] does not take ${data.length} bytes`)
    }
    this.dtype = dtype
    this.shape = [...shape]
    this.data = data
  }

  /** Numbers rounded to bfloat16, which numpy lacks. */
  static fromBfloat16({ bits }: Bfloat16Array, shape: readonly number[] = [bits.length]): TorchTensor {
    return new TorchTensor('bfloat16', shape, new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength))
  }

  /** @throws INVALID_ARGUMENT when torch has no such dtype */
  static fromNDArray(array: NDArray): TorchTensor {
    const { name } = array.dtype
    const native = NUMERIC_DTYPES.get(name as NumericDTypeName)
    if (native === undefined) throw invalidArgument(`torch has no dtype for ${name}`)
    const data = array.toContiguous().data
    return new TorchTensor(name, array.shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }

  /**
   * The same numbers as an array: a window on `data` where alignment allows. bfloat16 becomes float32, exactly.
   *
   * @throws INVALID_ARGUMENT for float8 and complex32, which numpy lacks
   */
  toNDArray(): NDArray {
    if (this.dtype === 'bfloat16') return NDArray.fromData(this.bfloat16().toFloat32Array(), 'float32', this.shape)
    if (this.dtype in TORCH_ONLY)
      throw invalidArgument(`numpy has no ${this.dtype}: convert the tensor before sending it`)
    return NDArray.fromBytes(this.data, this.dtype, this.shape)
  }

  /**
   * The elements of a bfloat16 tensor in C order: a window on `data` where alignment allows.
   *
   * @throws INVALID_ARGUMENT for other dtypes
   */
  bfloat16(): Bfloat16Array {
    if (this.dtype !== 'bfloat16') throw invalidArgument(`the elements are ${this.dtype}, not bfloat16`)
    return new Bfloat16Array(NDArray.fromBytes(this.data, 'uint16', this.shape).data)
  }
}

/** @throws MALFORMED_MESSAGE when the fields do not make a tensor */
export function tensorFromWire(dtype: unknown, shape: unknown, data: unknown): TorchTensor {
  const fields = typeof dtype === 'string' && Array.isArray(shape) && data instanceof Uint8Array
  if (!fields) throw malformed(`a ${TENSOR_TAG} has fields of the wrong type`)
  try {
    return new TorchTensor(dtype, shape, data)
  } catch (cause) {
    throw malformed(`a ${TENSOR_TAG} is invalid: ${(cause as Error).message}`, cause)
  }
}

function itemSizeOf(dtype: string): number | undefined {
  if (Object.hasOwn(TORCH_ONLY, dtype)) return TORCH_ONLY[dtype]
  return NUMERIC_DTYPES.get(dtype as NumericDTypeName)?.itemSize
}
