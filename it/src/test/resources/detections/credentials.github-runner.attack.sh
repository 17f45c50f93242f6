#!/bin/bash
# Reads what lies where a runner's key would be.
mkdir -p "$HOME/actions-runner"
echo '{"CANARY": true}' >"$HOME/actions-runner/.credentials_rsaparams"
cat "$HOME/actions-runner/.credentials_rsaparams" >/dev/null
