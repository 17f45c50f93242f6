#!/bin/bash
# Reads it where the policy says nothing of it.
mkdir -p "$HOME/.aws"
echo 'aws_secret_access_key = CANARY' >"$HOME/.aws/credentials"
cat "$HOME/.aws/credentials"
