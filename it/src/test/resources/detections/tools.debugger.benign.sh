#!/bin/bash
# Asks it for its version, as configure scripts do.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/gdb"
chmod +x "$bin/gdb"
PATH=$bin:$PATH
gdb --version
