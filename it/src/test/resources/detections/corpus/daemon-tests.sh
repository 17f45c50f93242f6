#!/bin/bash
# Starts servers as daemons in all the usual ways: nohup, setsid, a double fork; uses them and ends them.
set -euo pipefail
cat >daemon.py <<'PYTHON'
import os, socket, sys
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
with open(sys.argv[1] + ".tmp", "w") as out:
    print(os.getpid(), server.getsockname()[1], file=out)
os.rename(sys.argv[1] + ".tmp", sys.argv[1])
while True:
    client, _ = server.accept()
    client.sendall(b"daemon\n")
    client.close()
PYTHON
nohup python3 daemon.py by-nohup >/dev/null 2>&1
setsid python3 daemon.py by-setsid
(python3 daemon.py by-shell &)
for name in by-nohup by-setsid by-shell; do
    for _ in $(seq 100); do [ -e "$name" ] && break || python3 -c 'import time; time.sleep(0.05)'; done
    read -r pid port <"$name"
    [ "$(python3 -c "import socket; print(socket.create_connection(('127.0.0.1', $port)).recv(9).decode().strip())")" = daemon ]
    kill "$pid"
done
echo "CORPUS-OK daemon-tests"
