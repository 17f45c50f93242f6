#!/bin/bash
# Names the file on a stand-in's command line.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/tee"
chmod +x "$bin/tee"
PATH=$bin:$PATH
echo h | tee /proc/sysrq-trigger
