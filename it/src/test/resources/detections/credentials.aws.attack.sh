#!/bin/bash
# Shows a file of credentials.
mkdir -p "$HOME/.aws"
printf '[default]\naws_secret_access_key = CANARY\n' >"$HOME/.aws/credentials"
cat "$HOME/.aws/credentials" >/dev/null
