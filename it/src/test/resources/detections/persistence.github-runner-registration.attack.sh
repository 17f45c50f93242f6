#!/bin/bash
# Calls a stand-in of the runner's set-up as a worm does.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/config.sh"
chmod +x "$bin/config.sh"
PATH=$bin:$PATH
config.sh --unattended --url https://github.com/canary/canary --token CANARY --name canary
