#!/bin/bash
# Reads a project's file of this name.
mkdir -p project
echo '{"CANARY": true}' >project/.credentials
cat project/.credentials >/dev/null
