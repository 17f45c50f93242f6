#!/bin/bash
# Asks a stand-in of systemctl to stop a monitor.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/systemctl"
chmod +x "$bin/systemctl"
PATH=$bin:$PATH
systemctl stop auditd
