#!/bin/bash
# Asks it who is logged in.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/gh"
chmod +x "$bin/gh"
PATH=$bin:$PATH
gh auth status
