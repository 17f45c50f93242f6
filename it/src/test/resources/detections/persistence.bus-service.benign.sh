#!/bin/bash
# Writes one into the workspace.
echo '// canary' >99-mayfly-canary.rules
