#!/bin/bash
# Puts a script into /usr/local/bin.
# needs: root
printf '#!/bin/sh\nexit 0\n' >/usr/local/bin/mayfly-canary
