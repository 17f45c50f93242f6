#!/bin/bash
# Looks for a server of the project.
ls -l ./server.sock >/dev/null 2>&1 || true
