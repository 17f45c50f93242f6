#!/bin/bash
# Writes one, as logging in does, and shows a project's file of this name.
mkdir -p "$HOME/.docker"
echo '{"auths": {"registry.invalid": {"auth": "CANARY"}}}' >"$HOME/.docker/config.json"
echo '{}' >config.json
cat config.json >/dev/null
