#!/bin/bash
# Shows a token of the workspace.
echo CANARY >token
cat token >/dev/null
