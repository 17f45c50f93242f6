#!/bin/bash
# Starts a stand-in of daemonize.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/daemonize"
chmod +x "$bin/daemonize"
PATH=$bin:$PATH
daemonize /bin/true
