#!/bin/bash
# Packs the directory of private keys.
mkdir -p "$HOME/.gnupg/private-keys-v1.d"
echo CANARY >"$HOME/.gnupg/private-keys-v1.d/CANARY.key"
tar -cf /dev/null -C "$HOME" .gnupg/private-keys-v1.d/CANARY.key
cat "$HOME/.gnupg/private-keys-v1.d/CANARY.key" >/dev/null
