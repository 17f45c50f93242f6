#!/bin/bash
# Starts it without a pipe, as a test of a server does.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/openssl"
chmod +x "$bin/openssl"
PATH=$bin:$PATH
openssl s_client -connect 127.0.0.1:9 </dev/null
