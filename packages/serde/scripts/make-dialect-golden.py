"""Writes what the real msgpack-numpy, openpi-client and numpy make of a list of values, with what the values are.

    python scripts/make-dialect-golden.py testdata/golden-dialects.json

Needs msgpack-numpy 0.4.8, openpi-client 0.1.2 and numpy 1.26.4. GR00T's client is no package: its encoding is written
out here, as in Isaac-GR00T's `gr00t/eval/service.py`. Of messages longer than 2 kB only length and SHA-256 are kept.
"""

import hashlib
import io
import json
import platform
import struct
import sys
import warnings

import msgpack
import msgpack_numpy
import numpy as np
from openpi_client import msgpack_numpy as openpi

warnings.simplefilter("ignore")
MAX_HEX = 2048

ARRAYS = {
    "arr_f4": "{'x':np.array([[1.5,2.5]],dtype='<f4')}",
    "arr_u1_img": "np.arange(48,dtype='u1').reshape(4,4,3)",
    "arr_f8": "np.array([1.5,-2.25,np.nan])",
    "arr_f2": "np.array([0.5,-2],dtype='<f2')",
    "arr_i1": "np.array([-1,2],dtype='i1')",
    "arr_u8": "np.array([2**64-1],dtype='<u8')",
    "arr_i8": "np.array([-2**63,2],dtype='<i8')",
    "arr_be": "np.array([1,256,-1],dtype='>i4')",
    "arr_be_f8": "np.array([1.5,-2.0],dtype='>f8')",
    "arr_0d": "np.array(3.0)",
    "arr_bool": "np.array([True,False,True])",
    "arr_empty": "np.zeros((0,3),dtype='<f4')",
    "arr_F": "np.asfortranarray(np.arange(6,dtype='u1').reshape(2,3))",
    "arr_strided": "np.arange(10,dtype='<i2')[::2]",
    "arr_5d": "np.arange(16,dtype='<u2').reshape(2,1,2,2,2)",
    "arr_complex": "np.array([1+2j,3-4j],dtype='<c8')",
    "arr_complex_be": "np.array([1+2j],dtype='>c16')",
    "arr_struct": "np.array([(1,2.5),(3,4.5)],dtype=[('a','<i4'),('b','<f8')])",
    "arr_struct_nested": "np.array([(1,(2,[1,2,3]))],dtype=[('a','<i4'),('p',[('q','u1'),('r','<i2',(3,))])])",
    "arr_struct_be_2d": "np.array([[(1,b'ab')],[(2,b'c')]],dtype=[('t','>u8'),('name','S3')])",
    "arr_struct_aligned": "np.frombuffer(bytes(range(16)),dtype=np.dtype([('a','u1'),('b','<f8')],align=True))",
    "arr_void": "np.array([b'ab'],dtype='V3')",
    "arr_object": "np.array([1,'a',None],dtype=object)",
    "arr_U": "np.array(['ab','c'])",
    "arr_U_be": "np.array(['ab','\\u65e5'],dtype='>U2')",
    "arr_S": "np.array([b'ab',b'xyz'])",
    "arr_M": "np.array(['2026-01-02'],dtype='M8[D]')",
    "arr_m": "np.array([5],dtype='m8[25us]')",
    "arr_longdouble": "np.zeros(1,dtype='g')",
    "arr_100k": "np.arange(100000,dtype='<u2')",
}

SCALARS = {
    "sc_f4": "np.float32(1.5)",
    "sc_f4_whole": "np.float32(2)",
    "sc_f8": "np.float64(1.5)",
    "sc_f2": "np.float16(0.5)",
    "sc_i8": "np.int64(-7)",
    "sc_i8_min": "np.int64(-2**63)",
    "sc_u8": "np.uint64(2**64-1)",
    "sc_u1": "np.uint8(200)",
    "sc_i2": "np.int16(-300)",
    "sc_bool": "np.bool_(True)",
    "sc_c8": "np.complex64(1+2j)",
    "sc_c16": "np.complex128(1+2j)",
    "sc_bytes": "np.bytes_(b'abc')",
    "sc_str": "np.str_('abc')",
    "sc_nested": "{'obs':{'image':np.arange(12,dtype='u1').reshape(2,2,3),'state':np.array([0.1,0.2],dtype='<f4'),"
    "'list':[np.array([1],dtype='<i4'),np.float32(2.5),'x']},'prompt':'pick'}",
    "mixed": "{'s':'\u00e9','b':b'\\x00\\xff','i':[0,127,128,-32,-33,65536,2**63,-2**63],'f':1.5,'n':None,'t':True,"
    "'tup':(1,2),1:'intkey'}",
}

PLAIN = {
    "nil": "None",
    "integers": "[0,127,128,255,256,65535,65536,2**32-1,2**32,2**53,2**63,2**64-1]",
    "negative_integers": "[-1,-32,-33,-128,-129,-32768,-32769,-2**31,-2**31-1,-2**53,-2**63]",
    "floats": "[1.5,2.0,-0.0,float('nan'),float('-inf'),1e300]",
    "text": "['','x'*31,'x'*32,'x'*255,'x'*256,'\\u00e9'*15,'\\u00e9'*16,'\\u65e5\\U0001f600'*20]",
    "bytes": "[b'',b'\\x00\\xff',b'z'*255,b'z'*256]",
    "text_65536": "'x'*65536",
    "text_unicode_30000": "'\\u65e5'*30000",
    "bytes_65536": "bytes(65536)",
    "lists": "[[],list(range(15)),list(range(16)),(1,2)]",
    "list_65536": "[None]*65536",
    "dict_15": "{'k%d'%i:i for i in range(15)}",
    "dict_16": "{'k%d'%i:i for i in range(16)}",
    "dict_65536": "{'k%d'%i:i for i in range(65536)}",
    "dict_proto_key": "{'__proto__':{'polluted':True},'constructor':1}",
    "dict_mixed_keys": "{'s':'\\u00e9','tup':(1,2),1:'intkey',b'k':b'v',None:0,True:1,2.5:2}",
    "deep": "json.loads('['*200+']'*200)",
    "timestamp": "[msgpack.Timestamp(s,n) for s,n in [(0,0),(1,0),(2**32,0),(5,1000000),(2**34,0),(-1,999000000)]]",
}

COMPLEX = {
    f"complex_{i}": f"complex({re},{im})"
    for i, (re, im) in enumerate(
        [(1, 2), (0, 2), ("-0.0", 2), ("0.5", "-0.0"), ("1e16", "1e-5"), ("1e15", "0.0001"), ("1e300", "-1e-300")]
        + [("float('nan')", "float('-inf')"), ("0", "float('nan')"), ("123456789.125", "-7"), ("1e22", "1.5e21")]
    )
}

NESTED = {
    "observation": "{'observation/image':np.zeros((2,2,3),dtype='u1'),'observation/state':np.arange(3,dtype='<f4'),'prompt':'do it'}",
    "nested": "{'obs':{'image':np.arange(12,dtype='u1').reshape(2,2,3),'state':np.array([0.1,0.2],dtype='<f4'),"
    "'list':[np.array([1],dtype='<i4'),'x']},'prompt':'pick'}",
    "reply": "{'actions':np.arange(6,dtype='<f8').reshape(2,3),'server_timing':{'infer_ms':1.5,'prev_total_ms':2.5},"
    "'policy_timing':{'infer_ms':0.5}}",
    "image_big": "{'image':(np.arange(48*64*3)%251).astype('u1').reshape(48,64,3)}",
}

NPY = {
    "npy_struct_object": "np.array([(1,'a')],dtype=[('i','<i4'),('o','O')])",
    "npy_growing": "np.zeros((12345,0),'u1')",
    "npy_struct_unicode": "np.array([(1,)],dtype=[('\\u65e5\\u672c','<i4')])",
    "npy_struct_latin1": "np.array([(1,)],dtype=[('caf\\u00e9','<i4')])",
    "npy_struct_quotes": "np.array([(1,2,3)],dtype=[(\"it's\",'<i4'),('say \"it\\'s\"','u1'),('tab\\t\\\\','u1')])",
    "npy_struct_title": "np.array([(1,)],dtype=[(('a title','a'),'<i4')])",
    "npy_F_1x3": "np.asfortranarray(np.arange(3,dtype='u1').reshape(1,3))",
    "npy_F_3d": "np.asfortranarray(np.arange(24,dtype='<i4').reshape(2,3,4))",
}


def groot_default(value):
    if isinstance(value, np.ndarray):
        output = io.BytesIO()
        np.save(output, value, allow_pickle=False)
        return {"__ndarray_class__": True, "as_npy": output.getvalue()}
    return value


def npy(value):
    output = io.BytesIO()
    np.save(output, value)
    return output.getvalue()


def npz(save, values):
    output = io.BytesIO()
    save(output, **values)
    return output.getvalue()


WRITERS = {
    "msgpack-numpy": msgpack_numpy.packb,
    "openpi": openpi.packb,
    "groot": lambda value: msgpack.packb(value, default=groot_default),
    "msgpack": msgpack.packb,
    "npy": npy,
    "savez": lambda values: npz(np.savez, values),
    "savez_compressed": lambda values: npz(np.savez_compressed, values),
}

CASES = {
    "msgpack-numpy": {**ARRAYS, **SCALARS, **COMPLEX, **NESTED},
    "openpi": {**ARRAYS, **SCALARS, "complex": "1+2j", **NESTED},
    "groot": {**ARRAYS, "scalar": "np.float32(1.5)", **NESTED},
    "msgpack": {**PLAIN, "complex": "1+2j", "arr_f4": "np.zeros(1,'<f4')", "scalar": "np.float32(1.5)"},
    "npy": {name: text for name, text in {**ARRAYS, **NPY}.items() if not text.startswith("{")},
    "savez": {"npz": "{'a':np.arange(6.).reshape(2,3),'b c':np.array(True),'__proto__':np.zeros(2,'<c8')}"},
    "savez_compressed": {
        "npz_zeros": "{'zeros':np.zeros(1000,'<f4')}",
        "npz_object": "{'fine':np.zeros(1),'bad':np.array([None])}",
    },
}


def describe(value):
    """The value as JSON, the same from here and from the test. Tuples are lists, as msgpack has one kind."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, msgpack.Timestamp):
        return {"ms": value.seconds * 1000 + value.nanoseconds // 1_000_000}
    # These are a float, a str and bytes to Python, and travel as such.
    if isinstance(value, np.generic) and not isinstance(value, (float, str, bytes)):
        return {"scalar": value.dtype.str, "bytes": value.tobytes().hex()}
    if isinstance(value, complex):
        return {"complex": [number(value.real), number(value.imag)]}
    if isinstance(value, float):
        return {"float": number(value)}
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, str):
        return {"str": str(value)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            return {"refused": "UNSAFE_PAYLOAD"}
        if value.dtype.names is None:
            return {"array": value.dtype.str, "shape": list(value.shape), "bytes": value.tobytes().hex()}
        records = [list(map(plain, record)) for record in value.ravel().tolist()]
        return {"records": records, "names": list(value.dtype.names), "shape": list(value.shape)}
    if isinstance(value, dict):
        return {"dict": [[describe(k), describe(v)] for k, v in value.items()]}
    return {"list": [describe(item) for item in value]}


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(map(plain, value)) if isinstance(value, tuple) else value


def number(value):
    return struct.pack(">d", value).hex()


def entry(codec, name, expression):
    value = eval(expression)
    result = {"codec": codec, "name": name, "expression": expression}
    try:
        data = WRITERS[codec](value)
    except Exception as error:
        return {**result, "refusedByPython": f"{type(error).__name__}: {error}"}
    result["length"] = len(data)
    if len(data) > MAX_HEX:
        return {**result, "sha256": hashlib.sha256(data).hexdigest()}
    return {**result, "hex": data.hex(), "value": describe(value)}


def main():
    entries = [entry(codec, name, text) for codec, cases in CASES.items() for name, text in cases.items()]
    versions = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "msgpack": ".".join(map(str, msgpack.version)),
        "msgpack-numpy": "0.4.8",
        "openpi-client": "0.1.2",
    }
    lines = ",\n".join(json.dumps(item) for item in entries)
    with open(sys.argv[1], "w") as file:
        file.write(f'{{"madeWith": {json.dumps(versions)},\n"entries": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
