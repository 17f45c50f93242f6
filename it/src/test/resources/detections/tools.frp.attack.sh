#!/bin/bash
# Starts a stand-in of frp's client.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/frpc"
chmod +x "$bin/frpc"
PATH=$bin:$PATH
frpc -c frpc.toml
