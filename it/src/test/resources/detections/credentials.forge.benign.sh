#!/bin/bash
# Shows gh's other settings.
mkdir -p "$HOME/.config/gh"
echo 'editor: true' >"$HOME/.config/gh/config.yml"
cat "$HOME/.config/gh/config.yml" >/dev/null
