#!/bin/bash
# Has file descriptors of its own, which is no name space.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 272, "aarch64": 97}[platform.machine()]  # unshare
ctypes.CDLL(None).syscall(number, 0x400)
PYTHON
