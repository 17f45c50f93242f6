#!/bin/bash
# Packs a file of credentials.
mkdir -p "$HOME/.config/gcloud"
echo '{"refresh_token": "CANARY"}' >"$HOME/.config/gcloud/application_default_credentials.json"
base64 "$HOME/.config/gcloud/application_default_credentials.json" >/dev/null
