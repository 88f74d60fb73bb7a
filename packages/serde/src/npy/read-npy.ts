import { arrayFromWire } from '../dialects/wire-array.ts'
import { invalidArgument, malformed } from '../errors.ts'
import type { NDArray } from '../nd-array.ts'
import type { StructuredArray } from '../structured/structured-array.ts'
import { readUtf8 } from '../utf8.ts'
import { parsePythonLiteral } from './python-literal.ts'

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
/** A header with so many fields is none that anybody wrote. */
const MAX_HEADER = 256 * 1024

/**
 * The array of a `.npy` file, of format 1, 2 or 3: a window on `bytes` where alignment and byte order allow.
 *
 * @throws MALFORMED_MESSAGE when it is damaged, or more or less than one array
 * @throws UNSAFE_PAYLOAD when it holds Python objects, which are pickled
 */
export function readNpy(bytes: Uint8Array): NDArray | StructuredArray {
  if (!(bytes instanceof Uint8Array)) throw invalidArgument('readNpy takes the bytes of a .npy file, a Uint8Array')
  const { text, end } = readHeader(bytes)
  const header = parsePythonLiteral(text)
  const keys = header instanceof Map ? [...header.keys()].toSorted().join() : ''
  if (!(header instanceof Map) || keys !== 'descr,fortran_order,shape')
    throw malformed('the header of a .npy file is none')
  const inFortranOrder = header.get('fortran_order')
  const shape = header.get('shape')
  if (typeof inFortranOrder !== 'boolean' || !Array.isArray(shape)) throw malformed('the header of a .npy file is none')
  return arrayFromWire({
    type: header.get('descr'),
    shape,
    data: new Uint8Array(bytes.buffer, bytes.byteOffset + end, bytes.length - end),
    order: inFortranOrder ? 'F' : 'C',
  })
}

function readHeader(bytes: Uint8Array): { readonly text: string; readonly end: number } {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) throw malformed('this is no .npy file: it does not begin as one')
  const version = bytes[6] ?? 0
  if (version < 1 || version > 3) throw malformed(`format ${version} of .npy files is not supported: 1 to 3 are`)
  const start = version === 1 ? 10 : 12
  if (bytes.length < start) throw malformed('a .npy file ends within its header')
  const view = new DataView(bytes.buffer, bytes.byteOffset, start)
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  const end = start + length
  if (length > MAX_HEADER || end > bytes.length) throw malformed(`a .npy file claims a header of ${length} bytes`)
  return { text: version === 3 ? readUtf8(bytes, start, end) : latin1Text(bytes.subarray(start, end)), end }
}

const CHUNK = 4096

function latin1Text(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + CHUNK) as unknown as number[])
  }
  return text
}
