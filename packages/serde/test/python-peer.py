"""Evaluates expressions for the tests, in a process of its own.

Each question on stdin is two chunks, an expression and bytes; each answer on stdout is a byte (0 done, 1 failed) and a
chunk: the pickled result as safe_serialize writes it, or the error as text. A chunk is its length (u32, little endian)
and its bytes. In an expression `data` is the bytes and `x` what safe_deserialize makes of them.
"""

import io
import pickle
import re
import struct
import sys
import warnings

import numpy as np
import robotmq as rmq

warnings.simplefilter("ignore")


def dtype_str(text):
    """What numpy makes of a string, or None for dtypes of which no array could be sent."""
    try:
        dtype = np.dtype(text)
    except Exception:
        return None
    return None if dtype.hasobject or dtype.subdtype or dtype.itemsize == 0 else dtype.str


def array_of(value):
    return [value.dtype.str, list(value.shape)] if isinstance(value, np.ndarray) else None


def groot_default(value):
    """As Isaac-GR00T's `gr00t/eval/service.py` encodes arrays; its client is no package."""
    if not isinstance(value, np.ndarray):
        raise TypeError(f"can not serialize {type(value)}")
    return {"__ndarray_class__": True, "as_npy": npy(value)}


def groot_hook(value):
    is_array = "__ndarray_class__" in value
    return np.load(io.BytesIO(value["as_npy"]), allow_pickle=False) if is_array else value


def npy(value):
    output = io.BytesIO()
    np.save(output, value, allow_pickle=False)
    return output.getvalue()


def pack(codec, value):
    import msgpack
    import msgpack_numpy
    from openpi_client import msgpack_numpy as openpi

    writers = {"msgpack-numpy": msgpack_numpy.packb, "openpi": openpi.packb, "msgpack": msgpack.packb}
    return writers[codec](value) if codec in writers else msgpack.packb(value, default=groot_default)


def unpack(codec, data):
    import msgpack
    import msgpack_numpy
    from openpi_client import msgpack_numpy as openpi

    readers = {"msgpack-numpy": msgpack_numpy.unpackb, "openpi": openpi.unpackb, "msgpack": msgpack.unpackb}
    if codec in readers:
        return readers[codec](data, strict_map_key=False)
    return msgpack.unpackb(data, object_hook=groot_hook, strict_map_key=False)


NAMES = {"rmq": rmq, "np": np, "io": io, "pickle": pickle, "dtype_str": dtype_str, "array_of": array_of}
NAMES |= {"pack": pack, "unpack": unpack, "npy": npy}


def read_chunk():
    header = sys.stdin.buffer.read(4)
    if len(header) < 4:
        sys.exit(0)
    return sys.stdin.buffer.read(struct.unpack("<I", header)[0])


def main():
    while True:
        expression, data = read_chunk().decode(), read_chunk()
        try:
            x = rmq.safe_deserialize(data) if re.search(r"\bx\b", expression) else None
            failed, answer = 0, rmq.safe_serialize(eval(expression, {**NAMES, "data": data, "x": x}))
        except Exception as error:
            failed, answer = 1, f"{type(error).__name__}: {error}".encode()
        sys.stdout.buffer.write(struct.pack("<BI", failed, len(answer)) + answer)
        sys.stdout.buffer.flush()


main()
