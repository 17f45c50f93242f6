#!/bin/bash
# Makes another call.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 39, "aarch64": 172}[platform.machine()]  # getpid
ctypes.CDLL(None).syscall(number)
PYTHON
