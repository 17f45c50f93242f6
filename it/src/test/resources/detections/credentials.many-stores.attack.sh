#!/bin/bash
# Reads canaries where six kinds of credentials would be.
for file in .aws/credentials .azure/msal_token_cache.json .kube/config .docker/config.json .config/gh/hosts.yml .npmrc; do
  mkdir -p "$(dirname "$HOME/$file")"
  echo CANARY >"$HOME/$file"
done
for file in .aws/credentials .azure/msal_token_cache.json .kube/config .docker/config.json .config/gh/hosts.yml .npmrc; do
  cat "$HOME/$file" >/dev/null
done
