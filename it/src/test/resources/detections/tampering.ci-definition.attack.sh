#!/bin/bash
# Adds a workflow that does nothing.
mkdir -p project/.github/workflows
echo 'on: {}' >project/.github/workflows/canary.yml
