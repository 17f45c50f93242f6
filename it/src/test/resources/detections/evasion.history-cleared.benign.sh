#!/bin/bash
# Takes away another file.
echo canary >"$HOME/.canary"
rm "$HOME/.canary"
