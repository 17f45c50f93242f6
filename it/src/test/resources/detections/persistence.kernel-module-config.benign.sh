#!/bin/bash
# Writes one into the workspace.
mkdir -p modules-load.d
echo '# canary' >modules-load.d/mayfly-canary.conf
