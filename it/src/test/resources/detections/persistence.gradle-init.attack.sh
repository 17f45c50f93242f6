#!/bin/bash
# Writes an init script that does nothing.
mkdir -p "$HOME/.gradle/init.d"
echo '// canary' >"$HOME/.gradle/init.d/canary.gradle"
