#!/bin/bash
# Pipes what a closed port has to say into a shell.
curl -s --max-time 1 http://127.0.0.1:9/install.sh | sh || true
