#!/bin/bash
# Starts something that is called like it.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/hydra-test"
chmod +x "$bin/hydra-test"
PATH=$bin:$PATH
hydra-test
