#!/bin/bash
# Lets it start a shell with an ordinary one.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/npm"
chmod +x "$bin/npm"
PATH=$bin:$PATH
printf '#!/bin/sh\nsh -c "node-gyp-build || true"\nexit 0\n' >"$bin/npm"
npm install canary
