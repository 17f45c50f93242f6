#!/bin/bash
# Sends nothing to a port of names at an address for documents.
python3 -c "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect_ex(('198.51.100.7', 53))"
