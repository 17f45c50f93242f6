#!/bin/bash
# Connects to such a port of an address for documents.
python3 -c "import socket; s = socket.socket(); s.settimeout(0.3); s.connect_ex(('198.51.100.7', 4444))"
