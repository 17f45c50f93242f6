#!/bin/bash
# Opens an event descriptor.
python3 - <<'PYTHON'
import ctypes, platform
number = {"x86_64": 290, "aarch64": 19}[platform.machine()]  # eventfd2
ctypes.CDLL(None).syscall(number, 0, 0)
PYTHON
