#!/bin/bash
# Writes a line into the configuration of readline.
echo '# canary' >>"$HOME/.inputrc"
