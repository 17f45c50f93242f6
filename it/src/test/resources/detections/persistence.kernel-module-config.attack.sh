#!/bin/bash
# Writes a file that names no module.
# needs: root
mkdir -p /etc/modules-load.d
echo '# canary' >/etc/modules-load.d/mayfly-canary.conf
