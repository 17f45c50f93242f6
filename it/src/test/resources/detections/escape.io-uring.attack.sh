#!/bin/bash
# Tries to set up none.
python3 - <<'PYTHON'
import ctypes
number = 425  # io_uring_setup
ctypes.CDLL(None).syscall(number, 0, 0)
PYTHON
