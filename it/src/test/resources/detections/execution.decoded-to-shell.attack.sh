#!/bin/bash
# Decodes a script that does nothing, into a shell.
echo dHJ1ZQo= | base64 -d | sh
