#!/bin/bash
# Writes one into the workspace.
mkdir -p rules.d
echo '# canary' >rules.d/99-mayfly-canary.rules
