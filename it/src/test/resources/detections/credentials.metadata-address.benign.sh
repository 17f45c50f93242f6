#!/bin/bash
# Connects to another address of this kind.
python3 -c "import socket; s = socket.socket(); s.settimeout(0.3); s.connect_ex(('169.254.1.1', 80))"
