#!/bin/bash
# Asks a stand-in of loginctl to let them.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/loginctl"
chmod +x "$bin/loginctl"
PATH=$bin:$PATH
loginctl enable-linger
