#!/bin/bash
# Tries it with a file of the workspace.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/chattr"
chmod +x "$bin/chattr"
PATH=$bin:$PATH
chattr +i canary
