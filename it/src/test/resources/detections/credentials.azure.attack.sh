#!/bin/bash
# Shows a cache of tokens.
mkdir -p "$HOME/.azure"
echo '{"secret": "CANARY"}' >"$HOME/.azure/msal_token_cache.json"
cat "$HOME/.azure/msal_token_cache.json" >/dev/null
