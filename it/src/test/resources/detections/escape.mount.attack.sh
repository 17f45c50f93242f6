#!/bin/bash
# Tries to mount nothing, nowhere.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 165, "aarch64": 40}[platform.machine()]  # mount
ctypes.CDLL(None).syscall(number, 0, 0, 0, 0, 0)
PYTHON
