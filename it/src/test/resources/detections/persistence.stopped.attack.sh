#!/bin/bash
# Writes a cron job where the policy has that refused.
# needs: block
mkdir -p /etc/cron.d
sh -c 'echo "* * * * * root true" >/etc/cron.d/canary'
