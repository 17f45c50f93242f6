#!/bin/bash
# Writes one into the workspace.
echo '# canary' >sshd_config
