#!/bin/bash
# Shows a file of credentials.
printf '[pypi]\npassword = pypi-CANARY\n' >"$HOME/.pypirc"
cat "$HOME/.pypirc" >/dev/null
