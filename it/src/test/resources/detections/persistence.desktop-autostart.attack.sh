#!/bin/bash
# Writes an entry that would start nothing.
mkdir -p "$HOME/.config/autostart"
printf '[Desktop Entry]\nExec=true\n' >"$HOME/.config/autostart/mayfly-canary.desktop"
