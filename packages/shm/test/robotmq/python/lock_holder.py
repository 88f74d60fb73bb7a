"""Locks the mutex in a file, prints ">locked", and holds it until killed."""
import ctypes
import mmap
import os
import sys

libc = ctypes.CDLL(None)
path = sys.argv[1]
with open(path, "r+b") as file:
    memory = mmap.mmap(file.fileno(), os.path.getsize(path))
mutex = ctypes.byref(ctypes.c_char.from_buffer(memory))
assert libc.pthread_mutex_lock(mutex) == 0
print(">locked", flush=True)
sys.stdin.readline()
