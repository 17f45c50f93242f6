#!/bin/bash
# Lets curl look there for a host.
echo 'machine host.invalid login canary password CANARY' >"$HOME/.netrc"
curl -s -n --max-time 1 http://127.0.0.1:9/ || true
