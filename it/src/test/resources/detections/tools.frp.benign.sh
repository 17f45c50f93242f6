#!/bin/bash
# Starts something that is called like it.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/frpctl"
chmod +x "$bin/frpctl"
PATH=$bin:$PATH
frpctl status
