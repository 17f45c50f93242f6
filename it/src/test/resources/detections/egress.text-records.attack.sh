#!/bin/bash
# Asks the resolver for text of 25 names.
# needs: resolver
python3 - <<'PYTHON'
import re, socket
server = re.search(r"^nameserver\s+(\S+)", open("/etc/resolv.conf").read(), re.M).group(1)
asker = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM)
asker.settimeout(0.1)
for number in range(25):
    labels = [f"t{number}", "canary", "invalid"]
    name = b"".join(bytes([len(label)]) + label.encode() for label in labels)
    asker.sendto(number.to_bytes(2, "big") + b"\1\0\0\1\0\0\0\0\0\0" + name + b"\0\0\x10\0\1", (server, 53))
    try:
        asker.recv(512)
    except OSError:
        pass
PYTHON
