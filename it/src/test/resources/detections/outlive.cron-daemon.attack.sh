#!/bin/bash
# Starts a stand-in of cron.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/cron"
chmod +x "$bin/cron"
PATH=$bin:$PATH
cron -f
