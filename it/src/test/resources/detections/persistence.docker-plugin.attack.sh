#!/bin/bash
# Puts a plugin where the client looks.
mkdir -p "$HOME/.docker/cli-plugins"
printf '#!/bin/sh\nexit 0\n' >"$HOME/.docker/cli-plugins/docker-canary"
