#!/bin/bash
# Attaches a stand-in of gdb to no process.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/gdb"
chmod +x "$bin/gdb"
PATH=$bin:$PATH
gdb --batch --pid 2147483647
