#!/bin/bash
# Tries to open one with flags that there are not.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 323, "aarch64": 282}[platform.machine()]  # userfaultfd
ctypes.CDLL(None).syscall(number, -1)
PYTHON
