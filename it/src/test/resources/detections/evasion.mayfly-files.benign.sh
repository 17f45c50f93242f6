#!/bin/bash
# Takes away one of the workspace.
mkdir -p .mayfly
rm -f .mayfly/canary
