#!/bin/bash
# Enables a service with a stand-in of systemctl.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/systemctl"
chmod +x "$bin/systemctl"
PATH=$bin:$PATH
systemctl --user enable canary.service
