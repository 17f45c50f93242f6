#!/bin/bash
# Asks for a new session by a 32-bit call.
# needs: x86-64
python3 - <<'PYTHON'
import ctypes, mmap, os
if os.fork() == 0:
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x42\x00\x00\x00\xcd\x80\xc3")  # mov $66, %eax; int $0x80; ret
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
    os._exit(0)
os.wait()
PYTHON
