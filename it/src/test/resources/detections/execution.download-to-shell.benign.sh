#!/bin/bash
# Keeps the answer in a file, and runs a script of the workspace.
curl -s --max-time 1 -o install.sh http://127.0.0.1:9/install.sh || true
echo true >build.sh
sh build.sh
