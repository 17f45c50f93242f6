#!/bin/bash
# Starts something that is called like it.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/penguin.sh"
chmod +x "$bin/penguin.sh"
PATH=$bin:$PATH
penguin.sh
