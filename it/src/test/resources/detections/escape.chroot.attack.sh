#!/bin/bash
# Tries to change to a root that is none.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 161, "aarch64": 51}[platform.machine()]  # chroot
ctypes.CDLL(None).syscall(number, 0)
PYTHON
