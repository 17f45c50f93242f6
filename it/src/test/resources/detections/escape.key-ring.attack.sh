#!/bin/bash
# Tries to use no key.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 250, "aarch64": 219}[platform.machine()]  # keyctl
ctypes.CDLL(None).syscall(number, -1, 0, 0, 0, 0)
PYTHON
