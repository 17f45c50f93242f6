#!/bin/bash
# Gives crontab a table of its own.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/crontab"
chmod +x "$bin/crontab"
PATH=$bin:$PATH
echo '* * * * * true' | crontab -
