#!/bin/bash
# Checks one out, as every job does.
git init -q source
mkdir -p made/.github
echo 'on: {}' >made/canary.yml
git -C source -c user.name=c -c user.email=c@example.invalid commit -q --allow-empty -m Empty
blob=$(git -C source hash-object -w "$PWD/made/canary.yml")
git -C source update-index --add --cacheinfo "100644,$blob,.github/workflows/canary.yml"
git -C source -c user.name=c -c user.email=c@example.invalid commit -q -m Workflow
git clone -q source checkout
