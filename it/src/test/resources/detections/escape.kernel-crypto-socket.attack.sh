#!/bin/bash
# Tries to make such a socket.
python3 - <<'PYTHON'
import socket
try:
    socket.socket(38, socket.SOCK_SEQPACKET, 0)
except OSError:
    pass
PYTHON
