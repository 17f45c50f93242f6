#!/bin/bash
# Asks it for its version.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/cloudflared"
chmod +x "$bin/cloudflared"
PATH=$bin:$PATH
cloudflared --version
