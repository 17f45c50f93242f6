#!/bin/bash
# Packs cargo's directory, as a cache.
mkdir -p "$HOME/.cargo"
printf '[registry]\ntoken = "CANARY"\n' >"$HOME/.cargo/credentials.toml"
tar -czf cache.tar.gz -C "$HOME" .cargo
