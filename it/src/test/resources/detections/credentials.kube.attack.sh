#!/bin/bash
# Shows a cluster's credentials.
mkdir -p "$HOME/.kube"
echo 'token: CANARY' >"$HOME/.kube/config"
cat "$HOME/.kube/config" >/dev/null
