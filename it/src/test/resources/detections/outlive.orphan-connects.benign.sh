#!/bin/bash
# Connects while its parent waits.
python3 -c "import socket; s = socket.socket(); s.settimeout(0.3); s.connect_ex(('198.51.100.7', 443))"
