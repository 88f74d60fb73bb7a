"""The codecs alone, in one process."""

import functools

import msgpack
import msgpack_numpy
import openpi_client.msgpack_numpy
from robotmq import safe_deserialize, safe_serialize

from measure import measure
from observation import value_of

# As the clients and servers of each use them.
CODECS = {
    "robotmq": (safe_serialize, safe_deserialize),
    "msgpack-numpy": (
        functools.partial(msgpack.packb, default=msgpack_numpy.encode),
        functools.partial(msgpack.unpackb, object_hook=msgpack_numpy.decode),
    ),
    "openpi": (openpi_client.msgpack_numpy.Packer().pack, openpi_client.msgpack_numpy.unpackb),
}


def handlers():
    def measure_encode(codec, value, plan):
        (encode, _), value = CODECS[codec], value_of(value)
        return measure(lambda: encode(value), plan)

    def measure_decode(codec, value, plan):
        encode, decode = CODECS[codec]
        data = encode(value_of(value))
        return measure(lambda: decode(data), plan)

    def measure_both(codec, value, plan):
        (encode, decode), value = CODECS[codec], value_of(value)
        return measure(lambda: decode(encode(value)), plan)

    return {
        "bytes": lambda codec, value: len(CODECS[codec][0](value_of(value))),
        "measureEncode": measure_encode,
        "measureDecode": measure_decode,
        "measureBoth": measure_both,
    }
