#!/bin/bash
# Shows where gh keeps its token.
mkdir -p "$HOME/.config/gh"
echo 'oauth_token: ghp_CANARY' >"$HOME/.config/gh/hosts.yml"
cat "$HOME/.config/gh/hosts.yml" >/dev/null
