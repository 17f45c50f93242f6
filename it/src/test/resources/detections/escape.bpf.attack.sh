#!/bin/bash
# Tries to make no map.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 321, "aarch64": 280}[platform.machine()]  # bpf
ctypes.CDLL(None).syscall(number, 0, 0, 0)
PYTHON
