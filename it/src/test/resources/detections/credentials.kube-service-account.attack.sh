#!/bin/bash
# Shows what lies where a token would be.
# needs: root
mkdir -p /run/secrets/kubernetes.io/serviceaccount
echo CANARY >/run/secrets/kubernetes.io/serviceaccount/token
cat /run/secrets/kubernetes.io/serviceaccount/token >/dev/null
