#!/bin/bash
# Starts a stand-in of tcpdump.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/tcpdump"
chmod +x "$bin/tcpdump"
PATH=$bin:$PATH
tcpdump -i any -c 1
