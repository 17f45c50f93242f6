#!/bin/bash
# Renames a folder with credentials, so that they are read under another name.
mkdir -p "$HOME/.aws"
echo 'aws_secret_access_key = CANARY' >"$HOME/.aws/credentials"
mv "$HOME/.aws" "$HOME/settings"
cat "$HOME/settings/credentials"
