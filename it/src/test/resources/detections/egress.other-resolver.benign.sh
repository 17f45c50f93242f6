#!/bin/bash
# Connects to the same port of loopback.
python3 -c "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect_ex(('127.0.0.1', 53))"
