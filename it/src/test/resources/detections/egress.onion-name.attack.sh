#!/bin/bash
# Asks for a name there.
# needs: resolver
python3 - <<'PYTHON'
import re, socket
server = re.search(r"^nameserver\s+(\S+)", open("/etc/resolv.conf").read(), re.M).group(1)
asker = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM)
asker.settimeout(0.5)
name = b"\6canary\5onion\0"
asker.sendto(b"\0\1\1\0\0\1\0\0\0\0\0\0" + name + b"\0\1\0\1", (server, 53))
try:
    asker.recv(512)
except OSError:
    pass
PYTHON
