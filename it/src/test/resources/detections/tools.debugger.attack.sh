#!/bin/bash
# Starts a stand-in of strace.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/strace"
chmod +x "$bin/strace"
PATH=$bin:$PATH
strace -f true
