#!/bin/bash
# Writes an empty configuration.
mkdir -p "$HOME/.docker"
echo '{}' >"$HOME/.docker/config.json"
