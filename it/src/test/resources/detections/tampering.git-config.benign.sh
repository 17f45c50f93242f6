#!/bin/bash
# Lets git do it, and copies the repository.
git init -q repository
git -C repository config canary.harmless true
cp -r repository copy
