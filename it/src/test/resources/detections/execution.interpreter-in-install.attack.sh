#!/bin/bash
# Lets a stand-in of npm, asked to install, start a shell with such a line.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/npm"
chmod +x "$bin/npm"
PATH=$bin:$PATH
printf '#!/bin/sh\nsh -c "echo true | sh"\nexit 0\n' >"$bin/npm"
npm install canary
