#!/bin/bash
# Hands a file to a stand-in of croc.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/croc"
chmod +x "$bin/croc"
PATH=$bin:$PATH
echo canary >canary
croc send canary
