#!/bin/bash
# Writes such a file into the workspace.
mkdir -p pam.d
echo 'auth required pam_deny.so # canary' >pam.d/mayfly-canary
