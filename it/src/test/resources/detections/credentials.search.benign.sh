#!/bin/bash
# Searches the workspace, as a check does.
find . -maxdepth 1 -name id_rsa
grep -rl 'PRIVATE KEY' . || true
