#!/bin/bash
# Takes away a history that holds a canary.
echo canary >"$HOME/.bash_history"
rm "$HOME/.bash_history"
