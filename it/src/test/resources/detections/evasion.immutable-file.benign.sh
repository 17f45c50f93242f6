#!/bin/bash
# Takes it back.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/chattr"
chmod +x "$bin/chattr"
PATH=$bin:$PATH
chattr -i canary
