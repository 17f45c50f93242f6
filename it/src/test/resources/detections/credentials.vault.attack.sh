#!/bin/bash
# Shows a token of Vault.
echo CANARY >"$HOME/.vault-token"
cat "$HOME/.vault-token" >/dev/null
