#!/bin/bash
# Asks for one by the processor's own.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 112, "aarch64": 157}[platform.machine()]  # setsid
ctypes.CDLL(None).syscall(number)
PYTHON
