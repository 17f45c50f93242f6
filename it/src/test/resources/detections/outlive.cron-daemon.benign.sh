#!/bin/bash
# Starts something that is called like it.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/crontab-ui"
chmod +x "$bin/crontab-ui"
PATH=$bin:$PATH
crontab-ui
