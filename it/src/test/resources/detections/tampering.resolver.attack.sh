#!/bin/bash
# Appends a comment to resolv.conf.
# needs: root
echo '# canary' >>/etc/resolv.conf
