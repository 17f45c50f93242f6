#!/bin/bash
# Tries to mount the workspace over a process, with a stand-in of mount.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/mount"
chmod +x "$bin/mount"
PATH=$bin:$PATH
mount --bind . /proc/2
