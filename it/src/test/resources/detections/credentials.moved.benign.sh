#!/bin/bash
# Puts credentials in place.
mkdir -p "$HOME/made"
echo 'aws_secret_access_key = CANARY' >"$HOME/made/credentials"
mv "$HOME/made" "$HOME/.aws"
