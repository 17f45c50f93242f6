#!/bin/bash
# Tries ports of an address for documents, without waiting for an answer.
python3 - <<'PYTHON'
import socket
for port in range(1000, 1200):
    probe = socket.socket()
    probe.setblocking(False)
    probe.connect_ex(("198.51.100.7", port))
    probe.close()
PYTHON
