#!/bin/bash
# Tries to enter a name space that is none.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 308, "aarch64": 268}[platform.machine()]  # setns
ctypes.CDLL(None).syscall(number, -1, 0)
PYTHON
