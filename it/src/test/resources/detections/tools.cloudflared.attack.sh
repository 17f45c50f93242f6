#!/bin/bash
# Opens a tunnel with a stand-in of cloudflared.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/cloudflared"
chmod +x "$bin/cloudflared"
PATH=$bin:$PATH
cloudflared tunnel --url http://127.0.0.1:80
