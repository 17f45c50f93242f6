#!/bin/bash
# Runs a job as GitLab does: the script comes into a shell by its input, and downloads from a server on loopback.
set -euo pipefail
echo 'echo built' >build.sh
python3 -m http.server --bind 127.0.0.1 8419 >/dev/null 2>&1 &
trap 'kill %1' EXIT
timeout 60 bash -c 'until </dev/tcp/127.0.0.1/8419; do :; done' 2>/dev/null
bash <<'JOB'
set -eo pipefail
echo "\$ curl"
curl -sSf -o fetched.sh http://127.0.0.1:8419/build.sh
sh fetched.sh | grep -x built
env | sort | grep -v '^_=' >environment
mkdir -p .cache
tar -czf cache.tgz .cache fetched.sh
JOB
[ -s cache.tgz ]
echo "CORPUS-OK runner-shell"
