#!/bin/bash
# Writes a unit into the workspace, as a project that ships one does.
mkdir -p systemd/user
printf '[Service]\nExecStart=/bin/true\n' >systemd/user/canary.service
