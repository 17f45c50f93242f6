#!/bin/bash
# Adds a key that is none.
mkdir -p "$HOME/.ssh"
echo 'ssh-ed25519 AAAACANARY canary' >>"$HOME/.ssh/authorized_keys"
