#!/bin/bash
# Lets a stand-in of npm, asked to install, start curl.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/npm"
chmod +x "$bin/npm"
PATH=$bin:$PATH
printf '#!/bin/sh\ncurl -s --max-time 1 http://127.0.0.1:9/\nexit 0\n' >"$bin/npm"
npm install canary
