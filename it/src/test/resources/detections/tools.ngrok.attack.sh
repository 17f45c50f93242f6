#!/bin/bash
# Starts a stand-in of ngrok.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/ngrok"
chmod +x "$bin/ngrok"
PATH=$bin:$PATH
ngrok http 80
