"""Writes what the real robotmq makes of a list of values, with what the values are.

    python scripts/make-golden.py testdata/golden.json             # robotmq 0.1.16, numpy 2.4.6
    python scripts/make-golden.py testdata/golden-numpy1.json      # robotmq 0.1.16, numpy 1.26.4

Numpy 1 names its scalars differently, so only those cases go into its file. Of streams longer than 1 kB only length and
SHA-256 are kept: the test writes them itself.
"""

import collections
import dataclasses
import enum
import hashlib
import json
import pickle
import platform
import struct
import sys
import warnings

import numpy as np
import robotmq
from robotmq.utils import _serialize

warnings.simplefilter("ignore")
MAX_HEX = 1024
NT = collections.namedtuple("NT", "x y")


@dataclasses.dataclass
class Pose:
    x: float = 1.0


class Mode(enum.IntEnum):
    STOP = 1


class Evil:
    def __reduce__(self):
        return (eval, ("1+1",))


# name -> expression, written by robotmq's serialize
LEGACY = {
    "none": "None",
    "true": "True",
    "false": "False",
    "int_0": "0",
    "int_255": "255",
    "int_256": "256",
    "int_65535": "65535",
    "int_65536": "65536",
    "int_i32max": "2**31-1",
    "int_2p31": "2**31",
    "int_neg1": "-1",
    "int_i32min": "-2**31",
    "int_neg2p31m1": "-2**31-1",
    "int_2p40": "2**40",
    "int_neg2p39": "-2**39",
    "int_2p53m1": "2**53-1",
    "int_neg2p53p1": "-2**53+1",
    "int_2p53": "2**53",
    "int_2p53p1": "2**53+1",
    "int_i64min": "-2**63",
    "int_u64max": "2**64-1",
    "int_2p100": "2**100",
    "int_neg2p100": "-2**100",
    "int_2p2048": "2**2048",
    "float_pi": "3.141592653589793",
    "float_whole": "2.0",
    "float_neg0": "-0.0",
    "float_nan": "float('nan')",
    "float_neginf": "float('-inf')",
    "float_huge": "1e300",
    "str_empty": "''",
    "str_ascii": "'hello'",
    "str_unicode": "'h\\u00e9llo \\u65e5\\u672c \\U0001f600'",
    "str_bom": "'\\ufeffx' * 40",
    "str_255": "'x'*255",
    "str_256": "'x'*256",
    "str_long_unicode": "'\\u65e5'*100",
    "str_surrogate": "'\\ud800'",
    "str_long_surrogate": "'x'*100 + '\\udfff'",
    "str_70000": "'x'*70000",
    "bytes_empty": "b''",
    "bytes_small": "b'\\x00\\x01\\xfe\\xff'",
    "bytes_300": "bytes(range(256))+b'z'*44",
    "bytes_65535": "bytes(65535)",
    "bytes_65536": "bytes(65536)",
    "list_empty": "[]",
    "list_1": "[1]",
    "list_3": "[1,2.5,'a']",
    "list_1000": "list(range(1000))",
    "list_1001": "list(range(1001))",
    "list_frames": "[float(i)+0.5 for i in range(20000)]",
    "list_nested": "[1,[2,[3,[]]],'a']",
    "list_deep": "eval('['*100+']'*100)",
    "tuple_0": "()",
    "tuple_1": "(1,)",
    "tuple_2": "(1,2)",
    "tuple_3": "(1,2,3)",
    "tuple_4": "(1,2,3,4)",
    "dict_empty": "{}",
    "dict_1": "{'a':1}",
    "dict_mixed_keys": "{'a':1,2:'b',3.5:None,(1,'t'):True,None:0,b'k':b'v'}",
    "dict_proto_key": "{'__proto__':{'polluted':True},'constructor':1}",
    "dict_1000": "{'k%d'%i:i for i in range(1000)}",
    "dict_1001": "{'k%d'%i:i for i in range(1001)}",
    "dict_memo": "[{'ts':i,'val':'same'} for i in range(3)]",
    "long_binget": "(lambda ks:[{k:0 for k in ks} for _ in range(2)])(['k%d'%i for i in range(300)])",
    "shared_list": "(lambda l:[l,l])([1,2])",
    "empty_bytes_twice": "[b'',b'']",
    "empty_arrays": "[np.zeros(0),np.zeros(0,'u1')]",
    "arr_f4_2x3": "np.arange(6,dtype='<f4').reshape(2,3)",
    "arr_u1_img": "(np.arange(480*640*3)%251).astype('u1').reshape(480,640,3)",
    "arr_f8": "np.array([1.5,-2.25,np.nan,np.inf])",
    "arr_bool": "np.array([True,False,True])",
    "arr_f2": "np.array([0.5,1.5,65504.0],dtype='<f2')",
    "arr_i1": "np.array([-1,2],dtype='i1')",
    "arr_i2": "np.array([-1,2],dtype='<i2')",
    "arr_u2": "np.array([65535,2],dtype='<u2')",
    "arr_u4": "np.array([2**32-1,2],dtype='<u4')",
    "arr_i8": "np.array([-2**63,2],dtype='<i8')",
    "arr_u8max": "np.array([2**64-1],dtype='<u8')",
    "arr_be": "np.array([1,256,-1],dtype='>i4')",
    "arr_be_f8": "np.array([1.5,-2.0],dtype='>f8')",
    "arr_be_i8": "np.array([-2,3],dtype='>i8')",
    "arr_0d": "np.array(3.5)",
    "arr_0d_bool": "np.array(True)",
    "arr_empty": "np.zeros((0,3),dtype='<f4')",
    "arr_4d": "np.zeros((1,2,1,2),dtype='u1')",
    "arr_F": "np.asfortranarray(np.arange(6,dtype='<i4').reshape(2,3))",
    "arr_strided": "np.arange(20,dtype='<i4')[::3]",
    "arr_neg_stride": "np.arange(5,dtype='u1')[::-1]",
    "arr_two_big": "{'a':np.zeros(70000,dtype='u1'),'b':np.ones((300,300),dtype='u1'),'t':1}",
    "arr_c8": "np.array([1+2j,3-4j],dtype='<c8')",
    "arr_c16": "np.array([1+2j],dtype='>c16')",
    "arr_U": "np.array(['ab','\\u65e5'])",
    "arr_U_be": "np.array(['ab','\\u65e5'],dtype='>U2')",
    "arr_S": "np.array([b'ab',b'c'])",
    "arr_V": "np.array([b'ab'],dtype='V3')",
    "arr_struct": "np.array([(1,2.5)],dtype=[('a','<i4'),('b','<f8')])",
    "arr_obj": "(b'\\0'*24,'|O',(3,))",
    "arr_longdouble": "(b'\\0'*16,'<f16',(1,))",
    "nested_arrays": "[{'a':np.array([1],dtype='u1')},(np.array([2.0]),[np.array([[3]],dtype='<i2')])]",
    "observation": "{'image':np.zeros((4,4,3),'u1'),'joints':np.arange(7)*0.1,'meta':{'id':7,'tags':['a','b'],'t':1.25}}",
    "bytearray": "bytearray(b'abc')",
    "bytearray_empty": "bytearray()",
    "bytearray_not_array": "(bytearray(b'ab'),'u1',(2,))",
    "set": "{1,2,3}",
    "set_empty": "set()",
    "frozenset": "frozenset(['a'])",
    "set_of_tuples": "{(1,2)}",
    "complex": "1+2j",
    "range": "range(2,12,3)",
    "range_down": "range(5,0,-1)",
    "namedtuple": "NT(1,2)",
    "ordereddict": "collections.OrderedDict(a=1)",
    "defaultdict": "collections.defaultdict(list,{'a':[1]})",
    "ambiguous_u1": "(b'\\x01\\x02','u1',(2,))",
    "ambiguous_open": "(b'\\x01\\x02\\x03\\x04','<f4',(-1,))",
    "ambiguous_0d": "(b'12345678','d',())",
    "ambiguous_named": "(b'12345678','float',(1,))",
    "ambiguous_empty_f4": "(b'','<f4',(0,))",
    "ambiguous_datetime": "(b'\\0'*8,'<M8[D]',(1,))",
    "ambiguous_struct_str": "(b'\\0'*12,'i4,f8',(1,))",
    "not_array_badshape": "(b'abc','u1',(4,))",
    "not_array_strshape": "(b'abc','u1',('a',))",
    "not_array_floatshape": "(b'abc','u1',(3.0,))",
    "not_array_badname": "(b'abc','u1x',(3,))",
    "not_array_empty": "(b'','',())",
    "not_array_list": "[b'ab','u1',(2,)]",
    "refused_dataclass": "Pose()",
    "refused_enum": "Mode.STOP",
    "refused_reduce": "Evil()",
    "refused_dtype_class": "np.float32",
    "refused_function": "len",
}

# written by pickle itself, as `pickle.dumps(robotmq's wire form, protocol)`
PROTOCOLS = {
    "observation": (2, 3, 5),
    "bytes_small": (2, 3, 5),
    "bytes_empty": (2, 3, 5),
    "bytearray": (2, 3, 5),
    "bytearray_empty": (2, 5),
    "set": (2, 3, 5),
    "frozenset": (2, 3),
    "complex": (2, 5),
    "int_2p100": (2, 5),
    "long_binget": (2,),
    "dict_memo": (2, 3, 5),
    "list_nested": (5,),
    "np_float32": (2, 5),
    "refused_reduce": (2, 5),
    "refused_dataclass": (2, 3),
}

NUMPY_SCALARS = {
    "np_float32": "np.float32(1.5)",
    "np_float32_whole": "np.float32(2)",
    "np_float64": "np.float64(1.5)",
    "np_float16": "np.float16(0.5)",
    "np_int64": "np.int64(-7)",
    "np_int64_min": "np.int64(-2**63)",
    "np_uint8": "np.uint8(255)",
    "np_uint64_max": "np.uint64(2**64-1)",
    "np_bool": "np.bool_(True)",
    "np_complex64": "np.complex64(1+2j)",
    "np_str": "np.str_('abc')",
    "np_str_empty": "np.str_('')",
    "np_bytes": "np.bytes_(b'abc')",
    "np_void": "np.array([b'ab'],dtype='V3')[0]",
    "np_struct": "np.array([(1,2.5)],dtype=[('a','<i4'),('b','<f8')])[0]",
    "np_datetime": "np.datetime64('2026-01-02','25us')",
    "np_timedelta": "np.timedelta64(3)",
    "np_dtype": "np.dtype('<f4')",
    "np_dtype_be": "np.dtype('>f4')",
    "np_scalars_dict": "{'a':np.float32(0.5),'b':np.float32(2.5),'c':np.int64(3)}",
}

# the dictionary that robotmq's _tensor_to_wire makes; torch itself is not needed for that
TENSORS = {
    "tensor_f4": ("float32", (2, 2), "np.arange(4,dtype='<f4')"),
    "tensor_bf16": ("bfloat16", (2,), "np.array([0x3fc0,0xc000],dtype='<u2')"),
    "tensor_i8_0d": ("int64", (), "np.array(-5)"),
    "tensor_empty": ("float16", (0, 3), "np.zeros(0,'<f2')"),
    "tensor_bad_length": ("float32", (3,), "np.zeros(2,'<f4')"),
    "tensor_bad_dtype": ("os", (2,), "np.zeros(2,'<f4')"),
}


def describe(value):
    """The value as JSON, the same from here and from the test."""
    if value is None or isinstance(value, (bool, np.bool_)):
        return None if value is None else bool(value)
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return {"int": str(int(value.view("i8")))}
    if isinstance(value, (np.void,)):
        return {"bytes": value.tobytes().hex()}
    if isinstance(value, (complex, np.complexfloating)):
        return {"complex": [float(value.real), float(value.imag)]}
    if isinstance(value, (float, np.floating)):
        return {"float": struct.pack(">d", float(value)).hex()}
    if isinstance(value, (int, np.integer)):
        return {"int": str(int(value))}
    if isinstance(value, str):
        return {"str": str(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, np.ndarray):
        return {"array": value.dtype.str, "shape": list(value.shape), "bytes": value.tobytes().hex()}
    if isinstance(value, np.dtype):
        return {"dtype": value.str}
    if isinstance(value, dict):
        return {"dict": [[describe(k), describe(v)] for k, v in value.items()]}
    if isinstance(value, (set, frozenset)):
        return {"set": [describe(item) for item in value]}
    return {"tuple" if isinstance(value, tuple) else "list": [describe(item) for item in value]}


def entry(name, writer, expression, data, meaning, safe=None):
    long = {"sha256": hashlib.sha256(data).hexdigest()}
    stored = {"hex": data.hex(), "value": meaning} if len(data) <= MAX_HEX else long
    result = {"name": name, "writer": writer, "expression": expression, "length": len(data), **stored}
    return result if safe is None else {**result, "safe": safe}


def meaning_of(name, data):
    if name.startswith("refused"):
        return {"refused": "UNSAFE_PAYLOAD"}
    return describe(robotmq.deserialize(data))


def safe_verdict(value, data):
    """Whether safe_serialize writes the same bytes, other bytes, or refuses."""
    try:
        return "same" if robotmq.safe_serialize(value) == data else "other"
    except (TypeError, pickle.PicklingError):
        return "refused"


def legacy_entries(cases):
    for name, expression in cases.items():
        value = eval(expression)
        data = robotmq.serialize(value)
        yield entry(name, "serialize", expression, data, meaning_of(name, data), safe_verdict(value, data))


def protocol_entries(cases):
    for name, protocols in PROTOCOLS.items():
        if name not in cases:
            continue
        for protocol in protocols:
            data = pickle.dumps(_serialize(eval(cases[name])), protocol)
            label = f"{name}_protocol{protocol}"
            yield entry(label, f"pickle protocol {protocol}", cases[name], data, meaning_of(name, data))


def tensor_entries():
    for name, (dtype, shape, expression) in TENSORS.items():
        data = eval(expression).tobytes()
        wire = {"__robotmq_torch_tensor__": 1, "dtype": dtype, "shape": shape, "data": data}
        bad = {"refused": "MALFORMED_MESSAGE"}
        meaning = bad if "bad" in name else {"tensor": dtype, "shape": list(shape), "bytes": data.hex()}
        yield entry(name, "pickle of the tensor dictionary", repr(wire), pickle.dumps(wire), meaning)


def main():
    numpy1 = np.__version__.startswith("1.")
    cases = NUMPY_SCALARS if numpy1 else {**LEGACY, **NUMPY_SCALARS}
    entries = [*legacy_entries(cases), *protocol_entries(cases), *([] if numpy1 else tensor_entries())]
    versions = {"python": platform.python_version(), "numpy": np.__version__, "robotmq": "0.1.16"}
    lines = ",\n".join(json.dumps(item) for item in entries)
    with open(sys.argv[1], "w") as file:
        file.write(f'{{"madeWith": {json.dumps(versions)},\n"entries": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
