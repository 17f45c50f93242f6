#!/bin/bash
# Adds an empty file to the server's configuration.
# needs: root
mkdir -p /etc/ssh/sshd_config.d
echo '# canary' >/etc/ssh/sshd_config.d/mayfly-canary.conf
