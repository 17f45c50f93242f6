#!/bin/bash
# Lets a process without a parent connect to an address for documents.
python3 - <<'PYTHON'
import os, socket, time
if os.fork() == 0:
    if os.fork() == 0:
        time.sleep(0.3)
        os.execvp("python3", ["python3", "-c", "import socket; s = socket.socket(); s.settimeout(0.3); s.connect_ex(('198.51.100.7', 443))"])
    os._exit(0)
os.wait()
PYTHON
sleep 1.5
