#!/bin/bash
# A test suite in shell: functions, traps, temporary directories, here documents, coprocesses, signals between its processes.
set -euo pipefail
failures=0
expect() { if [ "$1" != "$2" ]; then echo "wanted $2, got $1"; failures=$((failures + 1)); fi; }
in_directory() { (cd "$(mktemp -d)" && "$@"); }
files() { touch a b c && ls | wc -l; }
expect "$(in_directory files)" 3
expect "$(printf 'b\na\n' | sort | tr -d '\n')" ab
expect "$(bash -c 'trap "echo trapped" EXIT; exit 3' || echo $?)" "$(printf 'trapped\n3')"
expect "$(sh -c 'kill -TERM $$' 2>/dev/null || echo $?)" 143
expect "$(base64 <<<text | base64 -d)" text
expect "$(eval 'echo $((6 * 7))')" 42
sleep 30 &
kill $!
wait $! || expect $? 143
coproc CAT { cat; }
echo through >&"${CAT[1]}"
read -r answer <&"${CAT[0]}"
expect "$answer" through
kill "$CAT_PID"
mkfifo pipe
echo piped >pipe &
expect "$(cat pipe)" piped
expect "$(seq 100 | xargs -n 10 -P 4 sh -c 'echo $#' sh | sort -u)" 10
expect "$(find . -name pipe -exec basename {} \;)" pipe
expect "$(timeout 0.2 sleep 5 || echo $?)" 124
[ "$failures" = 0 ]
echo "CORPUS-OK shell-tests"
