#!/bin/bash
# Works on text with long pipelines and thousands of short processes, as release and lint scripts do.
set -euo pipefail
for number in $(seq 300); do
    echo "line $number" | sed 's/line/LINE/' | awk '{ print $2 }' | tr -d '\n' >/dev/null
done
for number in $(seq 500); do /bin/true; done
seq 2000 | xargs -n 1 -P 4 sh -c ':' sh
find /usr/share -maxdepth 2 -name '*.txt' | head -50 | xargs -r wc -l >/dev/null || true
find /usr/lib/python3 /usr/lib/python3.* -name '*.py' 2>/dev/null | head -200 | xargs grep -l 'import os' | wc -l >/dev/null || true
grep -rn 'PRIVATE KEY' . || true
echo "CORPUS-OK long-pipes"
