#!/bin/bash
# Asks for one with a directory of the workspace.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/docker"
chmod +x "$bin/docker"
PATH=$bin:$PATH
docker run --rm -v "$PWD:/work" canary true
