#!/bin/bash
# Writes a file of the same kind into the workspace, from where cron starts nothing.
mkdir -p cron.d
echo '* * * * * root true # canary' >cron.d/mayfly-canary
