"""Evaluates expressions for the tests, in a process of its own.

Each question on stdin is two chunks, an expression and bytes; each answer on stdout is a byte (0 done, 1 failed) and a
chunk: the pickled result as safe_serialize writes it, or the error as text. A chunk is its length (u32, little endian)
and its bytes. In an expression `data` is the bytes and `x` what safe_deserialize makes of them.
"""

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


NAMES = {"rmq": rmq, "np": np, "pickle": pickle, "dtype_str": dtype_str, "array_of": array_of}


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
