#!/bin/bash
# Appends to a repository's configuration.
git init -q repository
printf '[canary]\n\tharmless = true\n' >>repository/.git/config
