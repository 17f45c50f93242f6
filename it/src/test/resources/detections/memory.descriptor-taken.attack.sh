#!/bin/bash
# Tries to take a file from nobody.
python3 - <<'PYTHON'
import ctypes
number = 438  # pidfd_getfd
ctypes.CDLL(None).syscall(number, -1, 0, 0)
PYTHON
