#!/bin/bash
# Tries as many of loopback, as tests of servers do in all.
python3 - <<'PYTHON'
import socket
for port in range(1000, 1200):
    probe = socket.socket()
    probe.setblocking(False)
    probe.connect_ex(("127.0.0.1", port))
    probe.close()
PYTHON
