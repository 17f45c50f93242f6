#!/bin/bash
# Lets a stand-in of npm, asked to install, start a program that looks for credentials.
mkdir -p "$HOME/.aws"
printf '[default]\naws_secret_access_key = CANARY\n' >"$HOME/.aws/credentials"
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/npm"
chmod +x "$bin/npm"
PATH=$bin:$PATH
printf '#!/bin/sh\npython3 postinstall.py\nexit 0\n' >"$bin/npm"
echo 'import os; open(os.path.expanduser("~/.aws/credentials")).read()' >postinstall.py
npm install canary
