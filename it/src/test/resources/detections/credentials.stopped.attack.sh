#!/bin/bash
# Reads a credential of a cloud where the policy has that refused.
# needs: block
mkdir -p "$HOME/.aws"
echo 'aws_secret_access_key = CANARY' >"$HOME/.aws/credentials"
cat "$HOME/.aws/credentials"
