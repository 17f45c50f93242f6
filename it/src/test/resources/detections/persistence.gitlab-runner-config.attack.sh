#!/bin/bash
# Writes a configuration of a user's runner.
mkdir -p "$HOME/.gitlab-runner"
echo 'concurrent = 1' >"$HOME/.gitlab-runner/config.toml"
