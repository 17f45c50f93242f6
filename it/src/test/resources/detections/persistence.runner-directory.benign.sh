#!/bin/bash
# Writes into a work directory of that runner, as every job does.
mkdir -p "$HOME/actions-runner/_work/project"
echo '# canary' >"$HOME/actions-runner/_work/project/run.sh"
