#!/bin/bash
# Gives a shell to a stand-in of netcat.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/nc"
chmod +x "$bin/nc"
PATH=$bin:$PATH
nc -e /bin/sh 127.0.0.1 9
