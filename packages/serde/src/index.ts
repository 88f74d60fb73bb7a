export {
  type Codec,
  deserialize,
  deserialize as safeDeserialize,
  robotmqCodec,
  serialize,
  serialize as safeSerialize,
  serializeInto,
} from './codec.ts'
export { Complex } from './complex.ts'
export type { ByteOrder, DTypeData, DTypeElement, DTypeKind, DTypeName, NumericDTypeName } from './dtype.ts'
export { DType } from './dtype.ts'
export type { DTypeLike } from './dtype-parse.ts'
export { dtype } from './dtype-parse.ts'
export type { SerdeErrorCode } from './errors.ts'
export { RmqError } from './errors.ts'
export { NDArray } from './nd-array.ts'
export type { Nested } from './nested.ts'
export { Float, float, Tuple, tuple } from './python-values.ts'
export type { DeserializeOptions } from './robotmq-decode.ts'
export type { SliceRange } from './strides.ts'
export { TorchTensor } from './torch-tensor.ts'
