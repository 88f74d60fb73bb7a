import { type DTypeData, NUMERIC_DTYPES, type NumericDTypeName } from './dtype.ts'
import { invalidArgument } from './errors.ts'
import { NDArray } from './nd-array.ts'

/** The dtypes that ONNX networks take, by names that are ours as well. */
export type TensorDType = Exclude<NumericDTypeName, 'complex64' | 'complex128'>

/** What onnxruntime's `Tensor` is made of, in Node and in browsers. */
export interface TensorLike {
  readonly type: string
  readonly data: unknown
  readonly dims: readonly number[]
}

/**
 * The numbers of an onnxruntime tensor, on its memory.
 *
 * @throws INVALID_ARGUMENT when it holds strings, 4-bit integers or memory of a GPU
 */
export function fromTensor({ type, data, dims }: TensorLike): NDArray<TensorDType> {
  if (!isTensorDType(type) || !ArrayBuffer.isView(data)) {
    throw invalidArgument(`a tensor of ${type} has no numbers that an array could hold`)
  }
  const { buffer, byteOffset, byteLength } = data
  return NDArray.fromBytes(new Uint8Array(buffer, byteOffset, byteLength), type, dims)
}

/**
 * What `new Tensor(type, data, dims)` of onnxruntime takes. It is on the array's memory, and on a copy's when the array
 * is not contiguous.
 *
 * @throws INVALID_ARGUMENT when networks have no such dtype
 */
export function toTensor<N extends TensorDType>(
  array: NDArray<N>,
): { readonly type: N; readonly data: DTypeData[N]; readonly dims: readonly number[] } {
  const { name } = array.dtype
  if (!isTensorDType(name)) throw invalidArgument(`a tensor cannot hold ${String(name)}`)
  return { type: name, data: array.toContiguous().data, dims: array.shape }
}

function isTensorDType(name: string): name is TensorDType {
  return NUMERIC_DTYPES.get(name as NumericDTypeName)?.kind !== 'c' && NUMERIC_DTYPES.has(name as NumericDTypeName)
}
