import { type Codec, createCodec } from './codec.ts'
import { grootReader, grootWriter } from './dialects/groot.ts'
import { msgpackReader, msgpackWriter } from './dialects/msgpack.ts'
import { msgpackNumpyReader, msgpackNumpyWriter } from './dialects/msgpack-numpy.ts'
import { openpiReader, openpiWriter } from './dialects/openpi.ts'
import { type ArrayWriter, encodeMsgpack } from './msgpack/encoder.ts'
import { type ArrayReader, decodeMsgpack } from './msgpack/reader.ts'
import { decodeRobotmq } from './robotmq-decode.ts'
import { encodeRobotmq } from './robotmq-encode.ts'

/** The pickles of Python's robotmq: `safe_serialize` is written, `serialize` is read too. */
export const robotmqCodec: Codec = createCodec('robotmq', encodeRobotmq, decodeRobotmq)

/** Python's msgpack-numpy. */
export const msgpackNumpyCodec: Codec = msgpackDialect('msgpack-numpy', msgpackNumpyWriter, msgpackNumpyReader)

/** openpi's policy servers and clients. */
export const openpiCodec: Codec = msgpackDialect('openpi', openpiWriter, openpiReader)

/** GR00T's policy servers and clients. */
export const grootCodec: Codec = msgpackDialect('groot', grootWriter, grootReader)

/** msgpack without arrays of numbers. */
export const msgpackCodec: Codec = msgpackDialect('msgpack', msgpackWriter, msgpackReader)

export type CodecName = 'robotmq' | 'msgpack-numpy' | 'openpi' | 'groot' | 'msgpack'

/** The codecs by their ids. */
export const codecs: { readonly [name in CodecName]: Codec } = {
  robotmq: robotmqCodec,
  'msgpack-numpy': msgpackNumpyCodec,
  openpi: openpiCodec,
  groot: grootCodec,
  msgpack: msgpackCodec,
}

function msgpackDialect(id: CodecName, writer: ArrayWriter, reader: ArrayReader): Codec {
  return createCodec(
    id,
    (value) => encodeMsgpack(value, writer),
    (bytes, options) => decodeMsgpack(bytes, reader, options),
  )
}
