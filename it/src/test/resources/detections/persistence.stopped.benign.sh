#!/bin/bash
# Writes it where the policy says nothing of it.
mkdir -p /etc/cron.d
sh -c 'echo "* * * * * root true" >/etc/cron.d/canary'
