"""Writes testdata/print/golden.json: arrays, and how numpy prints them. Run it with numpy 2.4.6:

    python scripts/make-print-golden.py testdata/print/golden.json
"""

import json
import sys

import numpy as np

FLOATS = ["float16", "float32", "float64"]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
COMPLEX = ["complex64", "complex128"]
TIMES = [f"{name}[{unit}]" for name in ("datetime64", "timedelta64") for unit in "Y M W D h m s ms us ns ps fs as 25s".split()]
SHAPES = [(), (1,), (3,), (0,), (0, 3), (2, 0, 3), (2, 3), (7,), (40,), (3, 12), (2, 2, 3), (2, 1, 4, 2), (1001,), (30, 40), (8, 8, 20)]


def floats(rng, size, dtype):
    """Floats of many makes: decimal ones, ties, powers of two, tiny and huge ones, ones that are not finite."""
    make = rng.integers(0, 9)
    if make == 0:
        values = rng.integers(-1000, 1000, size) / 10.0 ** rng.integers(0, 6)
    elif make == 1:
        values = rng.standard_normal(size)
    elif make == 2:
        values = 2.0 ** rng.integers(-30, 30, size)
    elif make == 3:
        values = rng.integers(-(2**40), 2**40, size) / 2.0 ** rng.integers(0, 50)
    elif make == 4:
        values = rng.standard_normal(size) * 10.0 ** rng.integers(-20, 20, size)
    elif make == 5:
        values = np.frombuffer(rng.bytes(size * np.dtype(dtype).itemsize), dtype).astype(np.float64)
    elif make == 6:
        values = rng.integers(-5, 5, size).astype(np.float64)
    elif make == 7:
        values = (2 * rng.integers(0, 10**6, size) + 1) * 5 * 10.0 ** rng.integers(-10, 4)
    else:
        values = rng.choice([0.0, -0.0, 1.0, 0.1, 1e-4, 9.999e-5, 999.5, 1e5, 1e8, 123456789.0], size)
    if rng.random() < 0.3:
        values = np.where(rng.random(size) < 0.3, rng.choice([np.nan, np.inf, -np.inf, 0.0], size), values)
    return values.astype(dtype)


def elements(rng, size, dtype):
    if dtype in FLOATS:
        return floats(rng, size, dtype)
    if dtype in COMPLEX:
        part = "float32" if dtype == "complex64" else "float64"
        values = np.empty(size, dtype)
        values.real = floats(rng, size, part)
        values.imag = floats(rng, size, part)
        return values
    if dtype == "bool":
        return rng.random(size) < 0.5
    if dtype in INTEGERS:
        values = np.frombuffer(rng.bytes(size * np.dtype(dtype).itemsize), dtype)
        return values % dtype_of(dtype)(100) if rng.random() < 0.5 else values
    if dtype in TIMES:
        values = rng.integers(-(10 ** int(rng.integers(1, 6))), 10 ** int(rng.integers(1, 6)), size)
        return np.where(rng.random(size) < 0.1, -(2**63), values).astype("i8").view(dtype)
    if dtype == "S4":
        return np.array([rng.choice([b"ab", b"x'y", b"\x00\x01\xff", b"", b"\\\n"]) for _ in range(size)], dtype)
    if dtype == "U5":
        return np.array([rng.choice(["ab", "it's", '"q"', "\u65e5\u672c", "\U0001f600", "\n\x7f\xad", "'\"", ""]) for _ in range(size)], dtype)
    return np.frombuffer(rng.bytes(size * 3), "V3")


def dtype_of(name):
    return np.dtype(name).type


def cases(rng, count):
    names = FLOATS * 6 + COMPLEX * 3 + INTEGERS + ["bool", "S4", "U5", "V3", ">f4", ">i8"] + TIMES
    with np.errstate(all="ignore"):
        for i in range(count):
            name = names[i % len(names)]
            shape = SHAPES[int(rng.integers(0, len(SHAPES)))] if rng.random() < 0.9 else tuple(rng.integers(1, 9, 2))
            size = int(np.prod(shape))
            native = {">f4": "float32", ">i8": "int64"}.get(name, name)
            array = elements(rng, size, native).astype(np.dtype(name)).reshape(shape)
            # numpy 2 prints a bytes scalar with its type around it, as nothing else.
            if (size > 100 and rng.random() < 0.97) or (name == "S4" and shape == ()):
                continue
            yield {
                "dtype": array.dtype.str,
                "shape": [int(length) for length in shape],
                "hex": array.tobytes().hex(),
                "str": str(array),
                "repr": repr(array),
            }


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20261121
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    made = list(cases(np.random.default_rng(seed), count))
    with open(sys.argv[1], "w") as file:
        head = {"writer": f"numpy {np.__version__}", "script": "scripts/make-print-golden.py", "seed": seed}
        lines = ",\n".join(json.dumps(case) for case in made)
        file.write(f'{{"made": {json.dumps(head)},\n"cases": [\n{lines}\n]}}\n')


main()
