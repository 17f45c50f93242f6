#!/bin/bash
# Reads what lies where a runner's token would be.
mkdir -p "$HOME/.gitlab-runner"
echo 'token = "CANARY"' >"$HOME/.gitlab-runner/config.toml"
grep -c token "$HOME/.gitlab-runner/config.toml" >/dev/null
