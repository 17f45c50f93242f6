#!/bin/bash
# Tries to make such a socket.
python3 - <<'PYTHON'
import socket
try:
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
except OSError:
    pass
PYTHON
