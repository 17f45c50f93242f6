#!/bin/bash
# Writes rc.local, which old and new inits start at boot.
# needs: root
printf '#!/bin/sh\nexit 0\n' >/etc/rc.local
