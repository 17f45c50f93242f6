#!/bin/bash
# Lets git store some.
git config --global credential.helper store
printf 'protocol=https\nhost=host.invalid\nusername=canary\npassword=CANARY\n\n' | git credential approve
