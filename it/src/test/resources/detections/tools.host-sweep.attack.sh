#!/bin/bash
# Tries the port of SSH on addresses for documents, without waiting for an answer.
python3 - <<'PYTHON'
import socket
for host in range(1, 101):
    probe = socket.socket()
    probe.setblocking(False)
    probe.connect_ex((f"198.51.100.{host}", 22))
    probe.close()
PYTHON
