#!/bin/bash
# Makes the pipe, and starts a stand-in of openssl's client.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/openssl"
chmod +x "$bin/openssl"
PATH=$bin:$PATH
directory=$(mktemp -d)
mkfifo "$directory/pipe"
openssl s_client -quiet -connect 127.0.0.1:9 </dev/null
