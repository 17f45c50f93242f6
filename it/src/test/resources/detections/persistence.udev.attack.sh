#!/bin/bash
# Writes a rule for devices that does nothing.
# needs: root
mkdir -p /etc/udev/rules.d
echo '# canary' >/etc/udev/rules.d/99-mayfly-canary.rules
