#!/bin/bash
# Shows a file of git's credentials.
echo 'https://canary:CANARY@host.invalid' >"$HOME/.git-credentials"
cat "$HOME/.git-credentials" >/dev/null
