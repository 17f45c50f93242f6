#!/bin/bash
# Puts one of another name there.
mkdir -p "$HOME/.local/bin"
printf '#!/bin/sh\nexit 0\n' >"$HOME/.local/bin/canary-tool"
