#!/bin/bash
# Writes a file of this name into the workspace.
printf '#!/bin/sh\nexit 0\n' >rc.local
