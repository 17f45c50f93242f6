#!/bin/bash
# Appends an account that nobody can log in to.
# needs: root
echo 'mayfly-canary:x:64999:64999::/nonexistent:/usr/sbin/nologin' >>/etc/passwd
