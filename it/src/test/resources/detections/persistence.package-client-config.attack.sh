#!/bin/bash
# Writes an empty configuration of cargo.
mkdir -p "$HOME/.cargo"
echo '# canary' >"$HOME/.cargo/config.toml"
