#!/bin/bash
# Starts a program with it.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/gdb"
chmod +x "$bin/gdb"
PATH=$bin:$PATH
gdb --batch --args true
