#!/bin/bash
# Writes one for the project alone.
mkdir -p .cargo
echo '# canary' >.cargo/config.toml
