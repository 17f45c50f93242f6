#!/bin/bash
# Starts a stand-in of the program that became known for it.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/shocker"
chmod +x "$bin/shocker"
PATH=$bin:$PATH
shocker
