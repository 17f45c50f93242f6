#!/bin/bash
# Tries that of HTTPS on as many.
python3 - <<'PYTHON'
import socket
for host in range(1, 101):
    probe = socket.socket()
    probe.setblocking(False)
    probe.connect_ex((f"198.51.100.{host}", 443))
    probe.close()
PYTHON
