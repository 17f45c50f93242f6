#!/bin/bash
# Writes a script of this name into the workspace.
mkdir -p profile.d
echo ': canary' >profile.d/mayfly-canary.sh
