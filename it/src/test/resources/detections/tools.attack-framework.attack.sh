#!/bin/bash
# Starts a stand-in of Metasploit's console.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/msfconsole"
chmod +x "$bin/msfconsole"
PATH=$bin:$PATH
msfconsole -q
