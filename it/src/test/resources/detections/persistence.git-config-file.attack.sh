#!/bin/bash
# Writes a line into the user's configuration.
printf '[canary]\n\tharmless = true\n' >>"$HOME/.gitconfig"
