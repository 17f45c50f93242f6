#!/bin/bash
# Writes one there, and reads the public half.
mkdir -p "$HOME/.ssh"
echo CANARY >"$HOME/.ssh/id_ed25519"
echo CANARY >"$HOME/.ssh/id_ed25519.pub"
cat "$HOME/.ssh/id_ed25519.pub" >/dev/null
