#!/bin/bash
# Tests a protocol with netcat on loopback, both ends, over TCP, UDP and a Unix socket.
set -euo pipefail
listen() { timeout 60 nc "$@" >received & }
# Whoever listens may not have begun.
in_time() {
    for _ in $(seq 300); do
        if "$@" 2>/dev/null; then return; fi
        read -rt 0.1 <> <(:) || true
    done
    echo "not in time: $*"
    return 1
}
say_by_tcp() { echo hello | nc -N 127.0.0.1 8422; }
say_by_path() { echo local | nc -NU test.sock; }
hear() { nc -d 127.0.0.1 8423 >got; }
listen -l 127.0.0.1 8422
listener=$!
in_time say_by_tcp
wait $listener || true
grep -qx hello received
listen -lU test.sock
listener=$!
in_time say_by_path
wait $listener || true
grep -qx local received
nc -z 127.0.0.1 8422 && exit 1
timeout 60 nc -l 127.0.0.1 8423 <<<answer >/dev/null &
in_time hear
grep -qx answer got
echo "CORPUS-OK netcat-tests"
