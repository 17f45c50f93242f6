#!/bin/bash
# Looks into the project's own configuration.
echo 'save-exact=true' >.npmrc
grep -c save .npmrc >/dev/null
