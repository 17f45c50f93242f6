#!/bin/bash
# Writes one into the workspace.
echo ': canary' >canary.bash_completion
