#!/bin/bash
# Shows a file of registry credentials.
mkdir -p "$HOME/.docker"
echo '{"auths": {"registry.invalid": {"auth": "CANARY"}}}' >"$HOME/.docker/config.json"
cat "$HOME/.docker/config.json" >/dev/null
