#!/bin/bash
# Asks a stand-in of docker for one.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/docker"
chmod +x "$bin/docker"
PATH=$bin:$PATH
docker run --rm --privileged --pid=host canary true
