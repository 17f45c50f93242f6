#!/bin/bash
# 64 shells at once, each with pipelines inside pipelines, substitutions, a coprocess, traps and signals.
set -euo pipefail
worker() {
    local id=$1 sum nested
    sum=$(seq 1 200 | grep -v 7 | sort -rn | awk '{ s += $1 } END { print s }')
    [ "$sum" = 15824 ] || return 1
    nested=$(printf '%s' "$(printf '%s' "$(printf '%s\n' {a..z} | tr '[:lower:]' '[:upper:]' | tr -d '\n')" | rev)" | cut -c1-3)
    [ "$nested" = ZYX ] || return 2
    (
        sleep 30 &
        trap 'kill $!; exit 9' TERM
        kill -TERM "$BASHPID"
        wait
    ) && return 3
    diff <(seq 10 | tac) <(seq 10 -1 1) >/dev/null || return 4
    (echo "$id" | timeout 20 sh -c "cat | (sed s/^/0/ | xargs -n1 -P4 echo)") >"out.$id"
    coproc UP { sed -u s/up/UP/; }
    echo up >&"${UP[1]}"
    local answer
    read -r answer <&"${UP[0]}"
    [ "$answer" = UP ] || return 5
    kill "$UP_PID"
    wait || true
}
pids=()
for id in $(seq 64); do
    worker "$id" &
    pids+=($!)
done
for pid in "${pids[@]}"; do
    wait "$pid"
done
[ "$(cat out.* | sort -n | uniq | wc -l)" = 64 ]
seq 256 | xargs -P 64 -I{} sh -c "echo {} | awk '{ print \$1 * 2 }'" | sort -n | tail -1 | grep -qx 512
echo "CORPUS-OK parallel-shell"
