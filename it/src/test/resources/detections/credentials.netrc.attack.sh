#!/bin/bash
# Shows a file of passwords.
echo 'machine host.invalid login canary password CANARY' >"$HOME/.netrc"
cat "$HOME/.netrc" >/dev/null
