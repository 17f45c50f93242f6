#!/bin/bash
# Starts a stand-in of hydra.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/hydra"
chmod +x "$bin/hydra"
PATH=$bin:$PATH
hydra -l root ssh://127.0.0.1
