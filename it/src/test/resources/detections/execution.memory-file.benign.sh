#!/bin/bash
# Uses memory without running it.
python3 - <<'PYTHON'
import os
memory = os.memfd_create("mayfly-canary")
os.write(memory, b"canary")
PYTHON
