#!/bin/bash
# Writes a file of this name into the workspace.
echo '# canary' >>.inputrc
