#!/bin/bash
# Shows the configuration beside it, and writes credentials as jobs do.
mkdir -p "$HOME/.aws"
printf '[default]\naws_secret_access_key = CANARY\n' >"$HOME/.aws/credentials"
printf '[default]\nregion = eu-central-1\n' >"$HOME/.aws/config"
cat "$HOME/.aws/config" >/dev/null
