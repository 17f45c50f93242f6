#!/bin/bash
# Starts a server that has the same name.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/hydra"
chmod +x "$bin/hydra"
PATH=$bin:$PATH
hydra serve all
