#!/bin/bash
# Looks for a token in npm's configuration.
echo '//registry.invalid/:_authToken=npm_CANARY' >"$HOME/.npmrc"
grep -c _authToken "$HOME/.npmrc" >/dev/null
