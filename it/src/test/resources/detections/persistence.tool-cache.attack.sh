#!/bin/bash
# Marks a tool as complete that is none.
mkdir -p "$HOME/actions-runner/_work/_tool/node/0.0.0"
: >"$HOME/actions-runner/_work/_tool/node/0.0.0/x64.complete"
