#!/bin/bash
# Forks twice, with a session of its own between.
python3 - <<'PYTHON'
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(0.3)
        os.execvp("sleep", ["sleep", "1"])
    os._exit(0)
os.wait()
PYTHON
sleep 1
