export { Bfloat16Array } from './bfloat16.ts'
export type { Codec, Target } from './codec.ts'
export {
  type CodecName,
  codecs,
  grootCodec,
  msgpackCodec,
  msgpackNumpyCodec,
  openpiCodec,
  robotmqCodec,
} from './codecs.ts'
export { Complex } from './complex.ts'
export type { DecodeOptions } from './decode-options.ts'
export { NumpyScalar, type ScalarValue } from './dialects/numpy-scalar.ts'
export type { ByteOrder, DTypeData, DTypeElement, DTypeKind, DTypeName, NumericDTypeName } from './dtype.ts'
export { DType } from './dtype.ts'
export type { DTypeLike } from './dtype-parse.ts'
export { dtype } from './dtype-parse.ts'
export type { SerdeErrorCode } from './errors.ts'
export { RmqError } from './errors.ts'
export { bgrToRgb, chwToHwc, hwcToChw, rgbToBgr } from './image/channels.ts'
export { type CropBox, centerCrop, crop } from './image/crop.ts'
export { fromImageData, type ImageDataLike, toImageData } from './image/image-data.ts'
export { type ResizeMethod, type ResizeOptions, resize } from './image/resize.ts'
export { resizeWithPad } from './image/resize-with-pad.ts'
export { NDArray } from './nd-array.ts'
export type { Nested } from './nested.ts'
export { readNpy } from './npy/read-npy.ts'
export { type ReadNpzOptions, readNpz } from './npy/read-npz.ts'
export { writeNpy } from './npy/write-npy.ts'
export { Float, float, Tuple, tuple } from './python-values.ts'
export {
  byteLengthOf,
  type DeserializeOptions,
  deserialize,
  deserialize as safeDeserialize,
  type SerializeOptions,
  serialize,
  serialize as safeSerialize,
  serializeInto,
} from './serialize.ts'
export type { SliceRange } from './strides.ts'
export { type Descr, type DescrField, type StructField, StructType } from './structured/struct-type.ts'
export { type StructRecord, StructuredArray } from './structured/structured-array.ts'
export { fromTensor, type TensorDType, type TensorLike, toTensor } from './tensor-like.ts'
export { TorchTensor } from './torch-tensor.ts'
export type { DTypeOf, TypedArray } from './typed-array.ts'
