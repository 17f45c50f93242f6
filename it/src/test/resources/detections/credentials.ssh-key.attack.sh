#!/bin/bash
# Reads a file where a key would be.
mkdir -p "$HOME/.ssh"
echo CANARY >"$HOME/.ssh/id_ed25519"
cat "$HOME/.ssh/id_ed25519" >/dev/null
