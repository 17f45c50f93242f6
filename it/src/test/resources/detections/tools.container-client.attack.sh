#!/bin/bash
# Asks a stand-in of docker what runs.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/docker"
chmod +x "$bin/docker"
PATH=$bin:$PATH
docker ps
