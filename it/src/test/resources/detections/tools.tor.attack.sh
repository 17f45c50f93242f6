#!/bin/bash
# Starts a stand-in of Tor.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/tor"
chmod +x "$bin/tor"
PATH=$bin:$PATH
tor --version
