#!/bin/bash
# Adds a service to PAM that lets nobody in.
# needs: root
echo 'auth required pam_deny.so # canary' >/etc/pam.d/mayfly-canary
