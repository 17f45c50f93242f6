#!/bin/bash
# Writes a file of submodules with a shell.
printf '[submodule "canary"]\n\tpath = canary\n\turl = https://host.invalid/canary\n' >.gitmodules
