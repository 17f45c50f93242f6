#!/bin/bash
# Tries to read nothing from the process's parent.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 310, "aarch64": 270}[platform.machine()]  # process_vm_readv
ctypes.CDLL(None).syscall(number, __import__("os").getppid(), 0, 0, 0, 0, 0)
PYTHON
