#!/bin/bash
# Asks for its state.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/systemctl"
chmod +x "$bin/systemctl"
PATH=$bin:$PATH
systemctl --user is-enabled canary.service
