#!/bin/bash
# Tries to write nowhere.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 101, "aarch64": 117}[platform.machine()]  # ptrace
ctypes.CDLL(None).syscall(number, 4, 2147483647, 0, 0)
PYTHON
