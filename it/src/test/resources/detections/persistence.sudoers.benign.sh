#!/bin/bash
# Writes such a file into the workspace.
mkdir -p sudoers.d
echo '# canary' >sudoers.d/mayfly-canary
