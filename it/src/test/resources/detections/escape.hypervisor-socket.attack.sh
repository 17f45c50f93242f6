#!/bin/bash
# Tries to make such a socket.
python3 - <<'PYTHON'
import socket
try:
    socket.socket(40, socket.SOCK_STREAM, 0)
except OSError:
    pass
PYTHON
