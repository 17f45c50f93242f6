#!/bin/bash
# Asks a stand-in of gh for its token.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/gh"
chmod +x "$bin/gh"
PATH=$bin:$PATH
gh auth token
