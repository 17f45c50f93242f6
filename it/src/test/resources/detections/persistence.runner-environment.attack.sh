#!/bin/bash
# Puts a variable into a runner's .env.
mkdir -p "$HOME/actions-runner"
echo 'CANARY=1' >>"$HOME/actions-runner/.env"
