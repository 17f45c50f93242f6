#!/bin/bash
# Writes a file of completion that an interactive shell would load.
echo ': canary' >"$HOME/.bash_completion"
