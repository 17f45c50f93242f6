#!/bin/bash
# Connects to the same port of loopback.
python3 -c "import socket; s = socket.socket(); s.settimeout(0.3); s.connect_ex(('127.0.0.1', 4444))"
