#!/bin/bash
# Asks it to stop a server of the job's.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/systemctl"
chmod +x "$bin/systemctl"
PATH=$bin:$PATH
systemctl stop postgresql
