#!/bin/bash
# Stops one.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/start-stop-daemon"
chmod +x "$bin/start-stop-daemon"
PATH=$bin:$PATH
start-stop-daemon --stop --name canary
