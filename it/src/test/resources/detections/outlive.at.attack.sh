#!/bin/bash
# Leaves a command with a stand-in of at.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/at"
chmod +x "$bin/at"
PATH=$bin:$PATH
echo true | at now + 1 minute
