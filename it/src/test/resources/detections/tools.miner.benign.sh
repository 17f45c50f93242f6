#!/bin/bash
# Starts something that is called like it.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/xmrig-docs"
chmod +x "$bin/xmrig-docs"
PATH=$bin:$PATH
xmrig-docs
