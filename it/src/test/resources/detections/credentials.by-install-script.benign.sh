#!/bin/bash
# Lets the same program read them when it is run by itself.
mkdir -p "$HOME/.aws"
printf '[default]\naws_secret_access_key = CANARY\n' >"$HOME/.aws/credentials"
echo 'import os; open(os.path.expanduser("~/.aws/credentials")).read()' >deploy.py
python3 deploy.py
