#!/bin/bash
# Connects to the address of the metadata service.
python3 -c "import socket; s = socket.socket(); s.settimeout(0.3); s.connect_ex(('169.254.169.254', 80))"
