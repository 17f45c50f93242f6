#!/bin/bash
# Adds a host to those that are known, as deploying jobs do.
mkdir -p "$HOME/.ssh"
echo 'host.invalid ssh-ed25519 AAAACANARY' >>"$HOME/.ssh/known_hosts"
