#!/bin/bash
# Tries to unmount nothing.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 166, "aarch64": 39}[platform.machine()]  # umount2
ctypes.CDLL(None).syscall(number, 0, 0)
PYTHON
