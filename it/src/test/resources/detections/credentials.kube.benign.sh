#!/bin/bash
# Shows a manifest of the workspace.
mkdir -p kube
echo 'kind: ConfigMap' >kube/config
cat kube/config >/dev/null
