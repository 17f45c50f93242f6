#!/bin/bash
# Opens the memory of a child that sleeps, and reads none of it.
python3 - <<'PYTHON'
import subprocess
child = subprocess.Popen(["sleep", "5"])
try:
    open(f"/proc/{child.pid}/mem", "rb").close()
finally:
    child.kill()
PYTHON
