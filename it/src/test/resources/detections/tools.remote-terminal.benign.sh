#!/bin/bash
# Starts a terminal that nobody shares.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/script"
chmod +x "$bin/script"
PATH=$bin:$PATH
script -qc true
