#!/bin/bash
# Runs a test suite against a server that it starts in the background, on loopback, and stops again.
set -euo pipefail
mkdir -p site
echo served >site/index.html
python3 - >port <<'PYTHON' &
import functools, http.server
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="site")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PYTHON
server=$!
trap 'kill $server' EXIT
until [ -s port ]; do read -rt 0.1 <> <(:) || true; done
port=$(cat port)
for _ in $(seq 20); do
    [ "$(curl -sS "http://127.0.0.1:$port/")" = served ] || exit 1
done
[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/missing")" = 404 ]
timeout 60 bash -c "until </dev/tcp/127.0.0.1/$port; do :; done" 2>/dev/null
seq 20 | xargs -P 8 -I{} curl -s -o /dev/null "http://127.0.0.1:$port/?{}"
echo "CORPUS-OK test-server"
